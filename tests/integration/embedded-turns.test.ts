import { openAsBlob } from 'node:fs'
import { describe, expect, inject, test as base, vi } from 'vitest'
import { appErrorIn } from '../../app/core/errors.ts'
import { openEmbedded } from '../../app/db/embedded.ts'
import { UnitOfWork } from '../../app/db/session.ts'

const test = base
  .extend('engine', { scope: 'file' }, async ({}, { onCleanup }) => {
    const engine = await openEmbedded(undefined, await openAsBlob(inject('dump')))
    onCleanup(() => engine.close())
    return engine
  })
  .extend(
    'open',
    ({ engine }) =>
      (company_id: number) =>
        new UnitOfWork(engine, { role: 'fastvue_app', company_id }),
  )

const COMPANY = { text: `SELECT current_setting('app.company_id') AS company` }

describe('units of work on the one connection of an embedded database', () => {
  test('wait for each other in the order they came', async ({ open }) => {
    const ended: number[] = []
    const [first, second, third] = [open(1), open(2), open(3)]
    await first.query(COMPANY)
    const waiting = [second, third].map(async (unit) => {
      const { rows } = await unit.query(COMPANY)
      await unit.commit()
      ended.push(Number(rows[0]?.['company']))
    })
    expect((await first.query(COMPANY)).rows).toEqual([{ company: '1' }])
    expect(ended).toEqual([])
    await first.commit()
    await Promise.all(waiting)
    expect(ended).toEqual([2, 3])
  })

  test('give up after 15 seconds behind one that does not end, and are not in its way', async ({
    open,
    onTestFinished,
  }) => {
    const [endless, waiting, next] = [open(1), open(2), open(3)]
    await endless.query(COMPANY)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const refused = waiting.query(COMPANY).catch(appErrorIn)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await refused).toMatchObject({ code: 'overloaded', status: 503 })
    await waiting.rollback()
    const after = next.query(COMPANY)
    await endless.commit()
    expect((await after).rows).toEqual([{ company: '3' }])
    await next.commit()
  })
})

describe('listening on an embedded database', () => {
  test('hears what its own process announces, until it ends', async ({ engine, open }) => {
    const heard: string[] = []
    const listener = await engine.listen(
      'fastvue_test',
      (payload) => heard.push(payload),
      () => {},
    )
    const announce = async (payload: string) => {
      const unit = open(1)
      await unit.query({ text: `SELECT pg_notify('fastvue_test', '${payload}')` })
      await unit.commit()
    }
    await announce('one')
    expect(heard).toEqual(['one'])
    await listener.close()
    await announce('two')
    expect(heard).toEqual(['one'])
  })
})
