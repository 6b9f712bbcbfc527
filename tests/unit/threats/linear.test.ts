import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { FAMILIES, RULES } from '../../../app/core/threats/rules.ts'
import { adjacentRepetitions, repetitionsOf } from '../../support/repetitions.ts'

const patterns: [name: string, pattern: RegExp][] = [
  ...RULES.map(({ id, pattern }): [string, RegExp] => [id, pattern]),
  ...FAMILIES.map(({ category, hint }): [string, RegExp] => [`${category}.hint`, hint]),
]

describe('the patterns of the threat detection', () => {
  test('repeat nothing without an upper bound, and repeat no repetition often', () => {
    const found = patterns.flatMap(([name, { source }]) =>
      repetitionsOf(source)
        .filter(({ most, inside }) => most > 256 || most * inside > 512)
        .map(({ most, inside }) => `${name}: ${inside} × ${most}`),
    )
    expect(found).toEqual([])
  })

  test('have no two long repetitions of the same characters side by side', () => {
    const found = patterns.flatMap(([name, { source }]) =>
      adjacentRepetitions(source)
        .filter(({ ways }) => ways > 400)
        .map(({ first, second, ways }) => `${name}: ${first} ${second}: ${ways}`),
    )
    expect(found).toEqual([])
  })

  // V8's own linear engine refuses what needs memory of a way: look-arounds and back references. It also refuses large
  // bounds, which it would write out, so here they are none.
  test('could all run on an engine that never goes back', () => {
    const unbounded = patterns.map(([name, { source, flags }]) => [
      name,
      source.replaceAll(/\{(\d+)(?:,\d+)?\}/g, (_, least) => (least === '0' ? '*' : '+')),
      flags,
    ])
    const script = `
      const refused = []
      for (const [name, source, flags] of ${JSON.stringify(unbounded)})
        try { new RegExp(source, flags.replace(/[uv]/, '') === flags ? flags + 'l' : flags) } catch (error) { refused.push(name) }
      console.log(JSON.stringify(refused))`
    const refused = execFileSync(process.execPath, ['--enable-experimental-regexp-engine', '-e', script], {
      encoding: 'utf8',
    })
    expect(JSON.parse(refused)).toEqual([])
  })

  test('are not tested with a memory of the last match, nor case by case', () => {
    expect(patterns.filter(([, { flags }]) => /[gyi]/.test(flags)).map(([name]) => name)).toEqual([])
  })
})

describe('the check itself', () => {
  test.for(['a*', '(a+)+', '[ab]{2,}', '(?:a{0,20}b?){0,20}'])('sees %s', (source) => {
    expect(repetitionsOf(source).some(({ most, inside }) => most > 256 || most * inside > 256)).toBe(true)
  })

  test.for(['a{0,50}a{0,50}', String.raw`\s{0,99}\s{1,99}x`, '[^<]{0,60}b?[^>]{0,60}'])('sees %s', (source) => {
    expect(adjacentRepetitions(source).some(({ ways }) => ways > 400)).toBe(true)
  })

  test('lets what is harmless pass', () => {
    expect(adjacentRepetitions(String.raw`a{0,50}b{0,50}\d{1,99},\d{1,99}`).filter(({ ways }) => ways > 400)).toEqual(
      [],
    )
  })
})
