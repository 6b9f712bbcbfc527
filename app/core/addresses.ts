import { isIP } from 'node:net'

/** Whether a URL can be read as it was meant: `#`, `/` and `?` in a password would cut the address short, `%` spoil it. */
export function isAddress(text: string): boolean {
  const url = URL.parse(text)
  if (!url || url.hash !== '' || (url.pathname + url.search).includes('@')) return false
  try {
    return decodeURIComponent(url.username + url.password) !== undefined
  } catch {
    return false
  }
}

/** Whether Fastify's `trustProxy` can read it: an address, a network, or one of its names. A network of everybody is none. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  if (isIP(address) === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits)
}

/** Whether a host, as `URL` has it, is this machine. A path of a unix socket and an empty host are. */
export const isThisMachine = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\]|)$/.test(host)

/** Whether the address of a peer, as a socket has it, is this machine's own. */
export const isLoopback = (address: string): boolean => /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/.test(address)

const MAPPED = /^::ffff:(?=\d+\.)/i
// How the system writes an address, where its first half has no zeros left out.
const FIRST_HALF = /^(?:(?:0|[1-9a-f][\da-f]{0,3}):){4}/

/**
 * What stands for one caller: an IPv4 address, or of an IPv6 one the first 64 bits, which are what one line is given at the
 * least (RFC 6177): the rest its owner can choose anew for each request. One text for each, however it is written.
 */
export function networkOf(address: string): string {
  const text = address.replace(MAPPED, '')
  const version = isIP(text)
  if (version === 0) return 'unknown'
  if (version === 4) return text
  return `${FIRST_HALF.exec(text)?.[0] ?? `${firstHalf(text)}:`}:/64`
}

function firstHalf(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    const length = after.length + (tail.includes('.') ? 1 : 0) // an IPv4 address at the end is two groups
    while (groups.length + length < 8) groups.push('0')
    groups.push(...after)
  }
  const canonical = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return canonical.join(':')
}
