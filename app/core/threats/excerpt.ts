/** Texts up to so many characters are looked at from beginning to end. */
export const WHOLE = 8 * 1024
/** Of longer ones: so much of the beginning and of the end, and what is around some attacks in between. */
const BEGINNING = 5 * 1024
const END = 2 * 1024
const MIDDLE = 128 * 1024
const SPOTS = 12
const BEFORE = 64
const AFTER = 192

// Attacks that fit anywhere, plain and encoded: found by the machine's own search, at a thousand characters a microsecond or so.
const MARKS = [
  '<script',
  '<svg',
  '<img',
  '<iframe',
  '<?php',
  '<!entity',
  '${jndi',
  '{{',
  '../..',
  '..\\..',
  '/etc/passwd',
  '/bin/',
  '%3c',
  '%27',
  '%2e',
  '&#',
  '&lt;',
  '\\u00',
  "' or ",
  "';",
  "'--",
  'union',
] as const

/**
 * What is looked at of a text: all of it, or at most 10 KB of one that is longer than `WHOLE`. In the middle of those what is
 * not among the marks is not seen, nor what lies behind their first 128 KB and before their end.
 */
export function excerptOf(text: string): string {
  if (text.length <= WHOLE) return text
  const middle = text.slice(BEGINNING, Math.min(text.length - END, BEGINNING + MIDDLE)).toLowerCase()
  const spots = MARKS.map((mark) => middle.indexOf(mark))
    .filter((at) => at >= 0)
    .toSorted((a, b) => a - b)
    .slice(0, SPOTS)
    .map((at) => text.slice(BEGINNING + Math.max(0, at - BEFORE), BEGINNING + at + AFTER))
  return [text.slice(0, BEGINNING), ...spots, text.slice(-END)].join('\n')
}
