import type { Db } from './session.ts'

// A megabyte at a time is as fast as more. The second bounds what rows that are suddenly long can take.
const CHARACTERS = 1_000_000
const MOST_ROWS = 200

/**
 * The rows of a query of any length, some at a time, in bounded memory: few where they are long. While the caller works on some,
 * the next ones are fetched. One query of a transaction at a time.
 * @param sizeOf a row's size in characters
 */
export async function* batchesOf<Row>(
  { unit }: Db,
  query: { text: string; values: unknown[] },
  sizeOf: (row: Row) => number,
): AsyncGenerator<Row[]> {
  const fetch = (count: number) => {
    const answer = unit.query<Row>({ text: `fetch ${count} from batches` })
    answer.catch(() => {}) // told when it is awaited, unless the caller has failed before
    return answer
  }
  await unit.query({ text: `declare batches no scroll cursor for ${query.text}` }, query.values)
  let next = fetch(MOST_ROWS)
  for (;;) {
    const { rows } = await next
    if (rows.length === 0) break
    const size = rows.reduce((sum, row) => sum + sizeOf(row), 1)
    next = fetch(Math.max(1, Math.min(MOST_ROWS, Math.floor((rows.length * CHARACTERS) / size))))
    yield rows
  }
  await unit.query({ text: 'close batches' })
}
