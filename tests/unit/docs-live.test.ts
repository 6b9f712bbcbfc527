import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ClientMessage } from '../../app/schemas/live.ts'
import { CLOSE } from '../../app/services/live/client.ts'

const text = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/live-events.md'), 'utf8')

describe('docs/live-events.md', () => {
  test('shows messages that are understood, of every kind', () => {
    const shown = [...text.matchAll(/`(\{"type":.*?\})`/g)].map(([, json = '']) => JSON.parse(json) as unknown)
    expect(shown.filter((message) => !ClientMessage.safeParse(message).success)).toEqual([])
    const named = ClientMessage.options.map(({ shape }) => shape.type.value)
    expect(named.filter((type) => !text.includes(type))).toEqual([])
    expect(shown.length).toBeGreaterThanOrEqual(3)
  })

  test('says why a connection ends, of every code', () => {
    const rows = [...text.matchAll(/^\| (\d{4}) \|/gm)].map(([, code]) => Number(code))
    expect(rows).toEqual(Object.values(CLOSE).toSorted((a, b) => a - b))
  })
})
