/** Where a link of somebody else's text may lead: a page of the web, or a path on this site. */
export function isSafeLink(address: string): boolean {
  if (FORBIDDEN.test(address)) return false
  if (/^\/(?!\/)/.test(address)) return true
  const url = URL.parse(address)
  return url !== null && /^https?:\/\/[^/]/i.test(address) && (url.protocol === 'https:' || url.protocol === 'http:')
}

/** The same, or an e-mail address to write to. */
export const isSafeReference = (address: string): boolean =>
  isSafeLink(address) || (/^mailto:[^\s?]+$/i.test(address) && !FORBIDDEN.test(address))

// Browsers drop white space and controls from an address and take `\` for `/`: `/\evil.example` is another site.
const FORBIDDEN = /[\s\\\p{Cc}]/u
