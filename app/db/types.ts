import pg from 'pg'

/**
 * PostgreSQL's text for a time in UTC (`2026-11-23 22:31:24.12+00`) as RFC 3339 with milliseconds. Text to text: making a
 * Date and printing it again is most of the cost of a reply with times in it.
 */
export function toRfc3339(text: string): string {
  const end = text.lastIndexOf('+')
  if (end < 19 || text.charCodeAt(10) !== 32) return text // infinity, years BC: as PostgreSQL has it
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, Math.min(end, 23)).padEnd(3, '0')}Z`
}

const { builtins } = pg.types
/** How values arrive, the same on both engines. Everything else stays text (`numeric`, `date`) or takes the driver's default. */
export const PARSERS: Record<number, (text: string) => unknown> = {
  [builtins.INT8]: Number, // ids and counts; a column that can pass 2^53 must be read as text
  [builtins.TIMESTAMPTZ]: toRfc3339,
  [builtins.TIMESTAMP]: (text) => text,
  [builtins.DATE]: (text) => text,
  [builtins.NUMERIC]: (text) => text,
}
