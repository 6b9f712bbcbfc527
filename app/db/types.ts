import pg from 'pg'

/**
 * PostgreSQL's text for a time in UTC (`2026-11-23 22:31:24.12+00`) as RFC 3339 with milliseconds. Text to text: making a
 * Date and printing it again is most of the cost of a reply with times in it.
 */
export function toRfc3339(text: string): string {
  const end = text.lastIndexOf('+')
  if (end < 19 || end + 3 !== text.length || text.charCodeAt(10) !== 32) return text // infinity, years BC: as PostgreSQL has it
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20, Math.min(end, 23)).padEnd(3, '0')}Z`
}

const { builtins } = pg.types
type Parser = (text: string) => unknown
const asText = (text: string): string => text

/** How values arrive, the same on both engines. Everything else takes the driver's default. */
export const PARSERS: Record<number, Parser> = {
  [builtins.INT8]: Number, // ids and counts; a column that can pass 2^53 must be read as text
  [builtins.TIMESTAMPTZ]: toRfc3339,
  [builtins.TIMESTAMP]: asText,
  [builtins.DATE]: asText,
  [builtins.NUMERIC]: asText,
  [builtins.INTERVAL]: asText,
}

// The arrays of these, by the oids that PostgreSQL gives them for ever. PGlite makes them of the elements by itself.
const ARRAYS: Record<number, number> = {
  1016: builtins.INT8,
  1185: builtins.TIMESTAMPTZ,
  1115: builtins.TIMESTAMP,
  1182: builtins.DATE,
  1231: builtins.NUMERIC,
  1187: builtins.INTERVAL,
}

// As the driver has it; its types say otherwise.
const driver = pg.types as unknown as {
  getTypeParser(oid: number, format: 'text'): Parser
  arrayParser: { create(text: string, element: Parser): { parse(): unknown[] } }
}

/** How values of a type arrive, by the type's oid. */
export function parserOf(oid: number): Parser {
  const element = PARSERS[ARRAYS[oid] ?? 0]
  if (element) return (text) => driver.arrayParser.create(text, element).parse()
  return PARSERS[oid] ?? driver.getTypeParser(oid, 'text')
}
