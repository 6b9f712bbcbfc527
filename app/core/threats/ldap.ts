import type { Family } from './rule.ts'

/** Filters of directories, and paths into XML. Sources: RFC 4515, OWASP WSTG 4.7.6 and 4.7.9. */
export const ldap: Family = {
  category: 'ldap',
  view: 'text',
  hint: /\)\s{0,3}[()|&!]|[|&!]\s{0,3}\(|\*\)|["'\]]\s{0,3}(?:\||or|and)|::|position\(|last\(|count\(|doc\(|name\(/,
  rules: [
    {
      id: 'ldap.filter',
      points: 40,
      inBody: 35,
      pattern:
        /\)[ \t]{0,3}\((?:[ \t]{0,3}[|&!][ \t]{0,3}\(?[ \t]{0,3}[a-z*()]|[ \t]{0,3}[|&!][ \t]{0,3}(?:\)|$)|[a-z][a-z0-9.-]{1,20}[~<>]?=[^=>])|\*\)[ \t]{0,3}\(|\*\)\)(?:%00|\0|\(|$)|^\*\)[\w&|(]|\([|&!]\([a-z]{2,20}=|\)[ \t]{0,3}[|&]\(/,
      why: 'Ends a filter and begins another',
      example: '*))(|(uid=*',
    },
    {
      id: 'ldap.xpath',
      points: 40,
      inBody: 30,
      pattern:
        /["'][ \t]{0,3}\]?[ \t]{0,3}(?:\||or|and)[ \t]{0,3}(?:\/\/|\/\*|\.\.\/|name\(|count\(|string-length|substring|position\()|\b(?:ancestor|child|parent|following|preceding|descendant)(?:-or-self|-sibling)?::(?:node\(|\*|text\(|comment\()|\[(?:position\(\)|last\(\))[ \t]{0,3}[=<>-]|\bcount\(\/|\bdoc\(["']?http|\bname\(\/\*/,
      why: 'A path into an XML document',
      example: 'child::node()',
    },
  ],
}
