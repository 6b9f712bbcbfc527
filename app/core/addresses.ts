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
