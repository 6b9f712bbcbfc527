import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { TestProject, openEmptyServer, rowsOf } from '../support/migrations.ts'
import { Running } from '../support/running.ts'
import { SERVER_URL } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const TIMEOUT = { timeout: 60_000, interval: 20 }
const ROWS = 60_000

/** A database, and a file that takes long to load into it. */
interface Place {
  url: string
  file: string
  directory: string
  /** Runs work on the database, which nobody else has open then. */
  on<R>(work: (engine: Engine) => Promise<R>): Promise<R>
  /** Grows as rows are written. */
  written: () => unknown
  [Symbol.asyncDispose](): Promise<void>
}

function writeFile(directory: string): string {
  const file = join(directory, 'large.json')
  const logs = Array.from(
    { length: ROWS },
    (_, n) => `{"company_code":"BIG","action":"a${n}","description":"${'x'.repeat(200)}"}`,
  )
  writeFileSync(file, `{"companies":[{"code":"BIG","name":"Big"}],"activity_logs":[\n${logs.join(',\n')}\n]}`)
  return file
}

async function embedded(): Promise<Place> {
  const project = new TestProject()
  const folder = join(project.directory, 'db')
  copyBaselineFolder(folder)
  const { directory } = project
  return {
    url: `file:${folder}`,
    directory,
    file: writeFile(directory),
    async on(work) {
      const engine = await openEmbedded(folder)
      try {
        return await work(engine)
      } finally {
        await engine.close()
      }
    },
    written: () => readdirSync(join(folder, 'data', 'pg_wal')).length,
    [Symbol.asyncDispose]: async () => project[Symbol.dispose](),
  }
}

async function server(): Promise<Place> {
  const project = new TestProject()
  const { engine, url, close } = await openEmptyServer()
  await project.manage(['migrate'], engine)
  const { directory } = project
  return {
    url,
    directory,
    file: writeFile(directory),
    on: (work) => work(engine),
    written: async () =>
      (
        await rowsOf(
          engine,
          `select sum(pg_relation_size(relid))::bigint / 1000000 as megabytes from pg_partition_tree('activity_logs')`,
        )
      )[0]?.['megabytes'],
    async [Symbol.asyncDispose]() {
      await close()
      project[Symbol.dispose]()
    },
  }
}

const PLACES = [SERVER_URL ? (['PostgreSQL', server] as const) : (['embedded', embedded] as const)]

function load({ url, directory, file }: Place): Running {
  const env = { DATABASE_URL: url, ENVIRONMENT: 'test', SECRET_KEY: 'k'.repeat(32) }
  return new Running(['tests/support/manage-in.ts', directory, 'load-data', '--file', file, '--json'], { env })
}

/** Waits until a load that was started has written a good part. */
async function midway(place: Place, before: unknown): Promise<void> {
  await expect.poll(place.written, TIMEOUT).toBeGreaterThan(Number(before) + 1)
}

const logs = (place: Place) =>
  place.on((engine) =>
    rowsOf(
      engine,
      `select (select count(*) from activity_logs where action <> 'load_data') as logs, (select count(*) from companies where code = 'BIG') as companies`,
    ),
  )
const counts = ({ output }: Running) => JSON.parse(/^\{"sections.*$/m.exec(output)?.[0] ?? '{}').sections?.activity_logs

describe.for(PLACES)('on %s', ([, open]) => {
  test('kill -9 in the middle leaves nothing behind, and the next load works', async () => {
    await using place = await open()
    const before = await place.written()
    await using killed = load(place)
    await midway(place, before)
    killed.signal('SIGKILL')
    expect(await killed.ended()).toBe('SIGKILL')
    expect(await logs(place)).toEqual([{ logs: 0, companies: 0 }])

    await using next = load(place)
    expect(await next.ended()).toBe(0)
    expect(await logs(place)).toEqual([{ logs: ROWS, companies: 1 }])
  }, 180_000)

  test('Ctrl-C in the middle leaves nothing behind', async () => {
    await using place = await open()
    const before = await place.written()
    await using stopped = load(place)
    await midway(place, before)
    stopped.signal('SIGINT')
    expect(await stopped.ended()).toBe(130)
    expect(stopped.output).toBe('Cancelled\n')
    expect(await logs(place)).toEqual([{ logs: 0, companies: 0 }])
  }, 240_000)
})

// Of processes on an embedded database the second is told that another has it, or that it is busy.
test.runIf(SERVER_URL)(
  'of two loads at once the second waits, and has nothing to change',
  async () => {
    await using place = await server()
    await using one = load(place)
    await using other = load(place)
    expect([await one.ended(), await other.ended()]).toEqual([0, 0])
    const created = [one, other].map((running) => counts(running)).sort((a, b) => a.created - b.created)
    expect(created).toEqual([
      { created: 0, updated: 0, unchanged: ROWS },
      { created: ROWS, updated: 0, unchanged: 0 },
    ])
    expect(await logs(place)).toEqual([{ logs: ROWS, companies: 1 }])
  },
  180_000,
)
