import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test as base, vi } from 'vitest'
import { openEmbedded } from '../../app/db/embedded.ts'
import { manage } from '../support/command-line.ts'
import { test as withDatabase } from '../support/fixtures.ts'
import { TestProject, openEmptyServer, rowsOf } from '../support/migrations.ts'
import { copyProject } from '../support/project-copy.ts'
import { Running, SCRIPT, serverFolder } from '../support/running.ts'
import { EMBEDDED, SERVER_URL } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
const CTRL_C = '\x03'
const CREATE = ['createsuperuser', '-u', 'root', '-e', 'root@example.com']
const PATIENCE = { timeout: 60_000, interval: 5 }

const test = base.extend('place', ({}, { onCleanup }) => {
  const place = serverFolder()
  onCleanup(() => place[Symbol.dispose]())
  copyBaselineFolder(place.database)
  rmSync(join(place.database, 'pid'), { force: true }) // who has it open, once somebody has
  return place
})

type Place = ReturnType<typeof serverFolder>

/** Runs a command in a process of its own, interrupts it once its database is open, and tells what is left. */
async function interrupt(argv: string[], { env, database }: Place, signal: NodeJS.Signals) {
  await using command = new Running(argv, { env, program: './manage' })
  await vi.waitFor(() => expect(existsSync(join(database, 'pid'))).toBe(true), PATIENCE)
  command.signal(signal)
  const code = await command.ended()
  const engine = await openEmbedded(database)
  const roots = await rowsOf(engine, `select 1 from users where username = 'root'`)
  await engine.close()
  return { code, output: command.output, roots }
}

const CANCELLED = { code: 130, output: 'Cancelled\n', roots: [] }

describe.each(SIGNALS)('%s, passed on by ./manage,', (signal) => {
  test.runIf(EMBEDDED)('ends a command that waits for a password', async ({ place }) => {
    expect(await interrupt([...CREATE, '--password-stdin'], place, signal)).toEqual(CANCELLED)
  })

  test.runIf(EMBEDDED)('ends code that the shell runs', async ({ place }) => {
    expect(await interrupt(['shell', '-c', 'await new Promise(() => {})'], place, signal)).toEqual(CANCELLED)
  })

  test.runIf(SERVER_URL)(
    'ends a migration in the middle of a statement, there and on the server, and nothing of it is left',
    async ({ place }) => {
      const project = join(place.path, 'project')
      const [name, table] = ['0900_long', 'CREATE TABLE half (id int);']
      await copyProject(project)
      using long = new TestProject({ name, up: `${table} SELECT pg_sleep(600);` })
      const { engine, url, close } = await openEmptyServer()
      const env = { ...place.env, DATABASE_URL: url }
      await using first = new Running(['migrate'], { env, project, program: './manage' })
      expect(await first.ended()).toBe(0)

      cpSync(long.migrations, join(project, 'migrations'), { recursive: true })
      const sleeping = () =>
        rowsOf(
          engine,
          `select 1 from pg_stat_activity where datname = current_database() and query like '%sleep(600)%' and pid <> pg_backend_pid()`,
        )
      await using command = new Running(['migrate'], { env, project, program: './manage' })
      await vi.waitFor(async () => expect(await sleeping()).toHaveLength(1), PATIENCE)
      command.signal(signal)
      expect(await command.ended()).toBe(130)
      expect(command.output).toBe('Cancelled\n')
      await vi.waitFor(async () => expect(await sleeping()).toEqual([]), PATIENCE)
      expect(await rowsOf(engine, `select to_regclass('half') as half`)).toEqual([{ half: null }])

      writeFileSync(join(project, 'migrations', name, 'up.sql'), table)
      await using second = new Running(['migrate'], { env, project, program: './manage' })
      expect(await second.ended()).toBe(0)
      expect(second.output).toContain(`Applying ${name}`)
      await close()
    },
    240_000,
  )
})

test.runIf(EMBEDDED)(
  'Ctrl-C in the middle of the first start leaves what the next one finishes',
  async ({ place }) => {
    rmSync(place.database, { recursive: true })
    await using first = new Running(['start'], { env: place.env, program: './manage' })
    await first.said(/Database created/)
    first.signal('SIGINT')
    expect(await first.ended()).toBe('SIGINT')
    expect(first.output).not.toMatch(/Error|^ +at /m)
    await using second = new Running(['start'], { env: place.env, program: './manage' })
    await second.said(/Ready/)
    second.signal('SIGINT')
    expect(await second.ended()).toBe(0)
  },
  240_000,
)

describe('Ctrl-C at a prompt', () => {
  withDatabase('is no answer', async ({ engine }) => {
    const { code, stdout, stderr } = await manage(['createsuperuser'], { engine, answers: [['Username', CTRL_C]] })
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    expect(stderr).toMatch(/Cancelled\n$/)
    expect(await rowsOf(engine, `select 1 from users where username = 'root'`)).toEqual([])
  })

  test.runIf(EMBEDDED && SCRIPT)('nor on a terminal, where a password was half typed', async ({ place }) => {
    const env = { ...place.env, TERM: 'xterm', NO_COLOR: '1' }
    await using command = new Running(CREATE, { env, program: './manage', terminal: true })
    await command.said(/Password/)
    command.type(`half a passw${CTRL_C}`)
    expect(await command.ended()).toBe(130)
    expect(command.output).toMatch(/Cancelled\s+$/)
    expect(command.output).not.toMatch(/half|^ +at /m)
  })
})
