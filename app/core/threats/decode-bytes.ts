/**
 * The text of a run of `%41%c3%a9`. As lenient as the most careless reader: overlong forms count, and also those whose second
 * byte is none (`%c0%2f`, as old IIS took it); a byte that begins nothing is a letter of Latin-1.
 */
export function decodeBytes(run: string): { text: string; overlong: boolean } {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
  let text = ''
  let overlong = false
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0
    const length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1
    const careless = first === 0xc0 || first === 0xc1
    if (length === 1 || at + length > bytes.length || !(careless || areContinuations(bytes, at + 1, at + length))) {
      text += String.fromCharCode(first)
      at += 1
      continue
    }
    let code = first & (0xff >> (length + 1))
    for (let next = at + 1; next < at + length; next++) code = (code << 6) | ((bytes[next] ?? 0) & 0x3f)
    if (code < (SHORTEST[length] ?? 0)) overlong = true
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    at += length
  }
  return { text, overlong }
}

/** The first character that needs so many bytes. */
const SHORTEST = [0, 0, 0x80, 0x800, 0x10000]

function areContinuations(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return false
  return true
}
