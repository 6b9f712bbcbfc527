import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { valuesOf } from '../../support/metrics.ts'
import { Running, serverFolder } from '../../support/running.ts'
import { serverCopy } from '../../support/server-copy.ts'
import { SERVER_URL } from '../../support/server-databases.ts'

test.runIf(SERVER_URL)(
  'whichever worker is asked answers for all of them, and says when one is silent',
  async () => {
    using place = serverFolder()
    await using copy = await serverCopy()
    const env = { ...place.env, DATABASE_URL: copy.url, ENVIRONMENT: 'development' }
    await using server = new Running(['manage.ts', 'runserver', '--workers', '2'], { env })
    const [, url = ''] = await server.said(/Listening on (\S+) with 2 workers/)
    // Each by a connection of its own: they go to the workers in turn.
    const get = (path: string) =>
      fetch(url + path, { headers: { connection: 'close' }, signal: AbortSignal.timeout(3000) }).then((r) => r.text())
    for (let n = 0; n < 6; n++) await get('/health')

    const starts = new Set<number>()
    for (let n = 0; n < 2; n++) {
      const values = valuesOf(await get('/metrics'))
      expect(values.get('fastvue_http_requests_total{method="GET",route="/health",status="200"}')).toBe(6)
      expect(values.get('fastvue_http_request_duration_seconds_count{method="GET",route="/health"}')).toBe(6)
      expect(values.get('fastvue_workers{state="answered"}')).toBe(2)
      expect(values.get('fastvue_workers{state="silent"}')).toBe(0)
      expect(values.get(`fastvue_jobs{name="mail.digest",state="waiting"}`)).toBe(0)
      starts.add(values.get('fastvue_http_requests_total{method="GET",route="/metrics",status="200"}') ?? 0)
    }
    expect([...starts]).toEqual([0, 1])

    const [first = ''] = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ')
    process.kill(Number(first), 'SIGSTOP')
    const goesOn = () => process.kill(Number(first), 'SIGCONT')
    const silent = vi.waitFor(
      async () => {
        const values = valuesOf(await get('/metrics')) // fails where it is the one that stands still
        expect(values.get('fastvue_workers{state="answered"}')).toBe(1)
        expect(values.get('fastvue_workers{state="silent"}')).toBe(1)
      },
      { timeout: 60_000 },
    )
    await silent.finally(goesOn) // stopped, it could not be ended
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
  },
  240_000,
)

test('a server that waits for an answer takes nothing else for it, such as a question about metrics', async () => {
  const child = fork(join(import.meta.dirname, '../../support/asks-parent.ts'))
  expect(await once(child, 'message')).toContain('turn')
  const heard: unknown[] = []
  child.on('message', (message) => heard.push(message))
  for (const other of [{ metrics: 'report', no: 1 }, 'closed', 'ping']) child.send(other)
  await vi.waitFor(() => expect(heard).toContain('pong'), 60_000)
  expect(heard).toEqual(['pong'])
  child.send('turn')
  await once(child, 'exit')
  expect(heard).toEqual(['pong', 'answered'])
})
