import type { Family } from './rule.ts'

/** What no browser or program of good will sends, whatever it means. */
export const unusual: Family = {
  category: 'unusual',
  view: 'text',
  hint: /\p{Cc}|:\/\/|169\.254\.|metadata|localhost|127\.0\.0\.1|0x7f|\[::|2130706433|@|interactsh|oast|burpcollaborator|xip\.io|nip\.io/u,
  rules: [
    {
      id: 'unusual.control-character',
      points: 30,
      inBody: 10,
      pattern: /[\p{Cc}--[\0\t\n\v\f\r\x80-\x9f]]/v,
      why: 'A control character',
      example: 'x\u001b[31mred',
    },
    {
      id: 'unusual.inner-address',
      points: 40,
      inBody: 30,
      pattern:
        /\b169\.254\.169\.254\b|\bmetadata\.(?:google|azure|aws)|\bmetadata\/(?:instance|v1|identity)|\/latest\/meta-data|\bhttps?:\/\/(?:[^/\s@]{0,40}@)?(?:0x7f|2130706433|017700000001|\[::(?:1|ffff)|0\.0\.0\.0|[\w.-]{1,60}\.(?:xip|nip|sslip)\.io)|\b(?:oast\.(?:pro|live|site|online|fun|me)|interactsh?\.(?:com|sh)|burpcollaborator\.net|oastify\.com|dnslog\.cn|ceye\.io|requestbin)/,
      why: 'An address that only the server’s own network reaches, or that tells who asks it',
      example: 'http://2130706433/',
    },
    {
      id: 'unusual.loopback-address',
      points: 25,
      inBody: 10,
      pattern: /\bhttps?:\/\/(?:[^/\s@]{0,40}@)?127\.\d{1,3}\.\d/,
      why: 'An address of this machine',
      example: 'http://127.0.0.1.nip.io/',
    },
  ],
}
