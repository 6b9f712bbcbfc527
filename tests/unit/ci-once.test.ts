import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const textOf = (file: string) => readFileSync(file, 'utf8')

/** What a file says, and all that it imports. */
function closureOf(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(file)) return seen
  const text = textOf(file)
  seen.set(file, text)
  for (const [, path = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g))
    closureOf(resolve(file, '..', path), seen)
  return seen
}

/** Whether a test runs otherwise where a database server, or Redis, is named. */
const knowsServers = (file: string) =>
  [...closureOf(file)].some(([, text]) => /TEST_(DATABASE|REDIS)_URL|SERVER_URL/.test(text))

test('what CI runs once, on the embedded database alone, does the same where servers are named', () => {
  const once = textOf(join(root, '.ci/once')).trim().split('\n')
  expect(once.length).toBeGreaterThan(20)
  expect(once.filter((file) => !existsSync(join(root, file)))).toEqual([])
  expect(once.filter((file) => knowsServers(join(root, file)))).toEqual([])
  expect(knowsServers(join(root, 'tests/integration/session.test.ts'))).toBe(true)
})
