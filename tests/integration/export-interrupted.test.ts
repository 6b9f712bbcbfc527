import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test as base, vi } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import { rowsOf } from '../support/migrations.ts'
import { Running, serverFolder } from '../support/running.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')
// A file of 80 MB, which takes a while and more room than `ulimit` leaves.
const LONG_MESSAGES = `insert into messages (company_id, model_name, record_id, body)
  select c.id, 'companies', c.id, repeat('What can be said. ', 5000) from companies c, generate_series(1, 900) where c.code = 'TEST'`

const test = base.extend('place', async ({}, { onCleanup }) => {
  const place = serverFolder()
  onCleanup(() => place[Symbol.dispose]())
  copyBaselineFolder(place.database)
  await change(place.database, LONG_MESSAGES)
  const file = join(place.path, 'files', 'backup.json')
  return { ...place, file, argv: ['manage.ts', 'export-data', '--all', '--file', file] }
})

const filesIn = (path: string) => readdirSync(join(path, 'files'))
function givenFile({ path, file }: { path: string; file: string }): void {
  mkdirSync(join(path, 'files'))
  writeFileSync(file, 'old')
}

describe.runIf(EMBEDDED)(
  'an export that is stopped in the middle leaves the file that was there, and nothing else',
  () => {
    test.for(['SIGINT', 'SIGTERM'] as const)('by %s', async (signal, { place }) => {
      givenFile(place)
      await using command = new Running(place.argv, { env: place.env })
      await vi.waitFor(() => expect(filesIn(place.path)).toHaveLength(2), { timeout: 60_000, interval: 5 })
      command.signal(signal)
      expect(await command.ended()).toBe(130)
      expect(command.output).toBe('Cancelled\n')
      expect(filesIn(place.path)).toEqual(['backup.json'])
      expect(readFileSync(place.file, 'utf8')).toBe('old')
    })

    test('by a disk that is full', async ({ place }) => {
      givenFile(place)
      // Files may have 64 MB (in blocks of 512 bytes): the same to a program as no room for more.
      const limited = `ulimit -f 131072; exec "$0" "$@"`
      const run = () =>
        spawnSync('sh', ['-c', limited, process.execPath, ...place.argv], {
          cwd: root,
          encoding: 'utf8',
          env: place.env,
        })
      expect(run()).toMatchObject({ status: 1, stdout: '', stderr: `Error: ${place.file}: file too large\n` })
      expect(filesIn(place.path)).toEqual(['backup.json'])
      expect(readFileSync(place.file, 'utf8')).toBe('old')
      await change(place.database, 'delete from messages')
      expect(run()).toMatchObject({ status: 0 })
      expect(readFileSync(place.file, 'utf8')).toMatch(/^\{\n {2}"companies"/)
    })
  },
)

async function change(folder: string, statement: string): Promise<void> {
  const engine = await openEmbedded(folder)
  await rowsOf(engine, statement)
  await engine.close()
}
