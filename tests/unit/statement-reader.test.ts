import { describe, expect, test } from 'vitest'
import { StatementReader } from '../../app/management/dbshell/statement-reader.ts'

/** What can run after each line. */
function read(...lines: string[]) {
  const reader = new StatementReader()
  return lines.map((line) => reader.read(line))
}

describe('a statement', () => {
  test.each([
    ["select ';'"],
    ["select 'it''s; fine'"],
    [String.raw`select E'it\'s; fine'`],
    [String.raw`select e'\\', 'x;y'`],
    [String.raw`select '\', 2`],
    ['select 1 as "a;b""c"'],
    ['do $$ begin perform 1; end $$'],
    ['do $body$ select $$;$$; $body$'],
    ['select 1 -- one; two\n'],
    ['select /* ; */ 1'],
    ['select a$1$ from t'],
    ['select $1'],
  ])('is one: %s', (statement) => {
    expect(read(`${statement};select 2;`)).toEqual([[[statement.trim()], ['select 2']]])
  })

  test('ends at its semicolon, lines later', () => {
    expect(read('select', " 'one;", "two'", ';')).toEqual([[], [], [], [["select\n 'one;\ntwo'"]]])
  })

  test('is nothing when there is only a comment or white space', () => {
    expect(read(';;', '-- select 1;', '/* a', '; */ ;')).toEqual([[], [], [], []])
  })

  test('is found in long input without going back and forth', () => {
    const text = `'${"it''s; ".repeat(50_000)}`
    expect(read(`select ${text}`, `';`)[1]).toHaveLength(1)
  })
})

describe('a transaction', () => {
  test.each([
    ['begin', 'commit'],
    ['BEGIN WORK', 'END'],
    ['start transaction isolation level serializable', 'rollback'],
    ['/* first */ begin', 'abort'],
    ['begin', 'commit and no chain'],
  ])('is one from %s to %s', (begin, end) => {
    const reader = new StatementReader()
    expect(reader.read(`${begin};`)).toEqual([])
    expect(reader.inTransaction).toBe(true)
    expect(reader.read('select 1; savepoint a; rollback to a; rollback work to savepoint a;')).toEqual([])
    expect(reader.read('commit and chain;')).toEqual([])
    const [whole, next] = reader.read(`${end}; select 2;`)
    expect(whole).toHaveLength(7)
    expect(next).toEqual(['select 2'])
    expect(reader.open).toBe(false)
  })

  test('is forgotten with what is half typed', () => {
    const reader = new StatementReader()
    reader.read("begin; select '")
    expect(reader.open).toBe(true)
    reader.discard()
    expect(reader.open).toBe(false)
    expect(reader.read('select 1;')).toEqual([['select 1']])
  })
})

test('a comment behind a statement is nothing that waits for its end', () => {
  const reader = new StatementReader()
  expect(reader.read('select 1; -- done')).toEqual([['select 1']])
  expect(reader.open).toBe(false)
})
