import type { Family } from './rule.ts'

/** XML, and pages that a server puts together, that make it read something. Source: OWASP WSTG 4.7.7 and 4.7.8. */
export const xml: Family = {
  category: 'xml',
  view: 'flat',
  hint: /<!|<xi:|<\?xml-|<esi:/,
  rules: [
    {
      id: 'xml.entity',
      points: 50,
      inBody: 35,
      pattern:
        /<!entity\b|<!doctype[^<>]{0,60}\[|<!doctype[^<>"']{0,60}\bsystem ?["'](?:file:|php:|https?:|ftp:|expect:|\/|\w{1,30}\.dtd)|<xi:include\b|<!\[cdata\[[ <]{0,4}(?:script|img|\/)|<\?xml-stylesheet\b|<!--#(?:exec|include|echo|printenv|config)\b|<esi:/,
      why: 'Makes a server read a file or an address, in XML or a page',
      example: '<!entity x system "file:///etc/hosts">',
    },
  ],
}
