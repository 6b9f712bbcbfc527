import type { Family } from './rule.ts'

/** Lines that end where a value stands. Sources: OWASP WSTG 4.7.15 and 4.7.10. */
export const header: Family = {
  category: 'header',
  view: 'text',
  hint: /[\r\n\u560a\u560d\u010a\u010d]/,
  rules: [
    {
      id: 'header.response',
      points: 45,
      inBody: 0,
      pattern:
        /[\r\n\u560a\u560d\u010a\u010d]{1,4}[ \t]{0,4}(?:set-cookie|content-(?:type|length|disposition|encoding)|x-[a-z-]{2,30}|refresh|access-control-[a-z-]{3,30}|link|transfer-encoding|connection|cookie|authorization|cache-control|last-modified)[ \t]{0,3}:|[\r\n]{1,4}[ \t]{0,4}(?:location[ \t]{0,3}:[ \t]{0,3}(?:https?:|\/)|host[ \t]{0,3}:[ \t]{0,3}[\w-]{1,60}\.)|[\r\n]{1,4}(?:http\/[\d.]{1,3} \d{3}|(?:get|post|put|delete|head|options) \/\S{0,60} http\/)/,
      why: 'A header of its own in the reply or a request behind this one',
      example: 'x\r\nset-cookie: a=1',
    },
    {
      id: 'header.mail',
      points: 40,
      inBody: 30,
      pattern:
        /^[^\s<>]{1,64}@[^\s<>]{1,64}[\r\n]{1,4}[ \t]{0,4}(?:b?cc|to|subject|reply-to|from|content-type|mime-version)[ \t]{0,3}:/,
      why: 'A header of its own behind an address of a mail',
      example: 'bob@example.com\r\ncc: x@example.com',
    },
    {
      id: 'header.log-line',
      points: 30,
      inBody: 0,
      pattern:
        /[\r\n]{1,4}[ \t]{0,4}(?:\{ ?"|\[?(?:info|warn|warning|error|debug|fatal|critical)\b|\d{4}-\d\d-\d\d[t ]\d\d:)/,
      why: 'A line for the log',
      example: 'x\n{"level":30,"msg":"forged"}',
    },
  ],
}
