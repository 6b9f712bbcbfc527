import { mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { LogFile } from '../../app/core/log-file.ts'
import { Running, serverFolder } from '../support/running.ts'
import { serverCopy } from '../support/server-copy.ts'
import { EMBEDDED, SERVER_URL } from '../support/server-databases.ts'
import { copyBaselineFolder, test } from '../support/temporary-folder.ts'

const REQUESTS = 400

/** Asks so many times, a few at once. @returns the requests' ids, in the order in which they were answered */
async function ask(url: string, answered: string[]): Promise<string[]> {
  const ids = Array.from({ length: REQUESTS }, (_, n) => `request-${n}`)
  const waiting = ids.values()
  const askOn = async () => {
    for (const id of waiting) {
      await (await fetch(`${url}/api/v1/auth/me`, { headers: { 'x-request-id': id } })).text()
      answered.push(id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, askOn))
  return ids.toSorted()
}

/** The ids of the requests that have a line in a file. */
const idsIn = (file: string, msg: string): string[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; request_id: string })
    .filter((line) => line.msg === msg)
    .map(({ request_id }) => request_id)

/** The paths that a process and its children have open. */
function filesOf(pid: number): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return [pid, ...children].flatMap((process) => {
    const open = `/proc/${process}/fd`
    return readdirSync(open).map((fd) => {
      try {
        return readlinkSync(join(open, fd))
      } catch {
        return '' // the one that listed the folder
      }
    })
  })
}

/** Rotates the logs of a server that is asked all the time, and refuses all the time. */
async function rotate(server: Running, url: string, folder: string): Promise<void> {
  const logs = [
    { log: join(folder, 'fastvue.log'), msg: 'request' },
    { log: join(folder, 'security.log'), msg: 'security' },
  ]
  const answered: string[] = []
  const all = ask(url, answered)
  await vi.waitFor(() => expect(answered.length).toBeGreaterThan(REQUESTS / 4), { timeout: 60_000, interval: 5 })
  for (const { log } of logs) renameSync(log, `${log}.1`)
  server.signal('SIGHUP')
  const ids = await all
  await vi.waitFor(() => {
    const open = filesOf(server.pid)
    for (const { log } of logs) expect(open).not.toContain(`${log}.1`)
  }, 10_000)
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  for (const { log, msg } of logs) {
    const [before, after] = [idsIn(`${log}.1`, msg), idsIn(log, msg)]
    expect([...before, ...after].toSorted()).toEqual(ids)
    expect([before.length > 0, after.length > 0]).toEqual([true, true])
  }
}

test.runIf(EMBEDDED)(
  'at SIGHUP a server goes on in a new file, and each request has its line in one of them',
  async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    await using server = new Running(['main.ts'], { env: place.env })
    await rotate(server, await server.url(), place.env.LOG_DIR)
  },
  240_000,
)

test.runIf(SERVER_URL)(
  'so do workers',
  async () => {
    using place = serverFolder()
    await using copy = await serverCopy()
    const env = { ...place.env, DATABASE_URL: copy.url }
    await using server = new Running(['manage.ts', 'runserver', '--workers', '2'], { env })
    const [, url = ''] = await server.said(/Listening on (\S+) with 2 workers/)
    await rotate(server, url, place.env.LOG_DIR)
  },
  240_000,
)

test.runIf(EMBEDDED)(
  'a server whose log disk is full says so in one line for each log, serves, and ends as ever',
  async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    mkdirSync(place.env.LOG_DIR)
    for (const name of ['fastvue.log', 'security.log']) symlinkSync('/dev/full', join(place.env.LOG_DIR, name))
    await using server = new Running(['main.ts'], { env: place.env })
    const url = await server.url()
    await ask(url, [])
    await server.said(/Warning: .*fastvue\.log: ENOSPC: no space left on device, write; lines are lost/)
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
    expect(server.output.match(/Warning: .*security\.log: ENOSPC/g)).toHaveLength(1)
    expect(server.output.match(/\n/g)).toHaveLength(3)
  },
  240_000,
)

test('a line has no character that ends it for some readers, or that a terminal obeys', ({ folder }) => {
  const file = join(folder, 'a.log')
  const log = new LogFile(file, () => {})
  const told = { agent: 'a\u0085b\u2028c\u2029d\u009b31me\u007f\u001b' }
  log.write(`${JSON.stringify(told)}\n`)
  log.close()
  const text = readFileSync(file, 'utf8')
  expect(text).toMatch(/^[ -~]+\n$/)
  expect(JSON.parse(text)).toEqual(told)
})

test('a log that can be written again is, and says the next fault too', ({ folder }) => {
  const [file, told] = [join(folder, 'logs', 'a.log'), [] as string[]]
  const log = new LogFile(file, (line) => told.push(line))
  const turn = (to: string) => {
    renameSync(file, `${file}.${readdirSync(join(folder, 'logs')).length}`)
    if (to) symlinkSync(to, file)
    log.reopen()
  }
  turn('/dev/full')
  for (const line of ['lost\n', 'lost too\n']) {
    log.write(line)
    log.flush()
  }
  turn('')
  log.write('kept\n')
  log.flush()
  turn('/dev/full')
  log.write('lost\n')
  log.close()
  expect(told).toEqual([expect.stringMatching(/ENOSPC/), expect.stringMatching(/ENOSPC/)])
  expect(readFileSync(`${file}.3`, 'utf8')).toBe('kept\n')
})
