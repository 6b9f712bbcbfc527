import { inspect } from 'node:util'
import type { Settings } from '../../core/config.ts'

/** The settings, which keep their secrets to themselves when they are printed as a whole. */
export function maskedSettings(settings: Settings): Settings {
  const masked = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, mask(name, value)]))
  return Object.defineProperty({ ...settings }, inspect.custom, { value: () => masked })
}

function mask(name: string, value: unknown): unknown {
  if (typeof value === 'string') return /SECRET|PASSWORD/i.test(name) ? '********' : withoutPassword(value)
  if (Array.isArray(value)) return value.map((inner) => mask(name, inner))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mask(key, inner)]))
}

function withoutPassword(text: string): string {
  const url = URL.parse(text)
  if (!url?.password) return text
  url.password = '********'
  return url.href
}
