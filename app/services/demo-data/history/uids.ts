import { hash } from 'node:crypto'

/** The UUID of an item that names none: made of what it says (version 8, RFC 9562), so that it is the same at each load. */
export const uidOf = (section: string, item: unknown): string => uuid8(`${section} ${canonical(item)}`)

/** That of an item's second, third … equal in the file. */
export const uidOfRepeat = (uid: string, number: number): string => uuid8(`${uid} ${number}`)

function uuid8(text: string): string {
  const hex = hash('sha256', text)
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** JSON whose text does not depend on the order of names (RFC 8785). */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}
