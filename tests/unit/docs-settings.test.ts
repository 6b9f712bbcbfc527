import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SETTING_NAMES, loadSettings } from '../../app/core/config.ts'
import { secretChecks } from '../../app/services/checks/secrets.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Every setting's default as it would be written, empty where there is none. */
function defaults(): Record<string, string> {
  const { path, remove } = temporaryFolder()
  const settings = loadSettings({ SECRET_KEY: 'k'.repeat(32) }, path)
  remove()
  const values = { ...settings, LOG_DIR: relative(path, settings.LOG_DIR), SECRET_KEY: '', DATABASE_URL: '' }
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, [values[name]].flat().join()]))
}

describe('docs/settings.md', () => {
  const rows = [...read('docs/settings.md').matchAll(/^\| `([A-Z_]+)` +\| (?:`([^`]*)`)? *\| (.+) \|$/gm)]

  test('has every setting in the order of the code, with its default and a meaning', () => {
    expect(rows.map(([, name]) => name)).toEqual(SETTING_NAMES)
    expect(Object.fromEntries(rows.map(([, name, value = '']) => [name, value]))).toEqual(defaults())
    for (const [, , , meaning] of rows) expect(meaning?.trim()).not.toBe('')
  })

  test('tells of SECRET_KEY all that stops a start: its length, and the check that refuses one easy to guess', () => {
    const meaning = rows.find(([, name]) => name === 'SECRET_KEY')?.[3]
    expect(meaning).toContain('at least 32 bytes')
    expect(meaning).toContain(
      `easy to guess (\`${secretChecks.find(({ about }) => about.includes('easy to guess'))?.id}\``,
    )
  })
})

describe('.env.example', () => {
  const text = read('.env.example')
  const entries = [...text.matchAll(/^# .+\n# ([A-Z_]+)=(.*)$/gm)]

  test('has every setting in the order of the code, each explained and commented out', () => {
    expect(entries.map(([, name]) => name)).toEqual(SETTING_NAMES)
    expect(text.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([])
  })

  test('shows the defaults; where there is none, an example or nothing', () => {
    const shown = Object.fromEntries(entries.map(([, name, value]) => [name, value]))
    const set = Object.entries(defaults()).filter(([, value]) => value !== '')
    expect(shown).toMatchObject(Object.fromEntries(set))
  })

  test('could be used as it is, also with every line brought to life', () => {
    const alive = Object.fromEntries(entries.map(([, name = '', value]) => [name, value]))
    expect(() => loadSettings({ ...alive, SECRET_KEY: 'k'.repeat(32) }, root)).not.toThrow()
  })
})
