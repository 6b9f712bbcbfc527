import { afterEach, describe, expect, test, vi } from 'vitest'
import { Turns } from '../../app/db/turns.ts'

afterEach(() => void vi.useRealTimers())

describe('turns', () => {
  test('go to one at a time, in the order of asking', async () => {
    const turns = new Turns()
    const log: string[] = []
    const work = (name: string) =>
      turns.run(async () => {
        log.push(`${name} begins`)
        await Promise.resolve()
        log.push(`${name} ends`)
      })
    await Promise.all(['a', 'b', 'c'].map(work))
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  test('go on after work that throws', async () => {
    const turns = new Turns()
    await expect(turns.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await turns.run(async () => 'fine')).toBe('fine')
  })

  test('are worth nothing more when given back twice', async () => {
    const turns = new Turns()
    const done = await turns.take()
    done()
    done()
    const second = await turns.take()
    let third = false
    const waiting = turns.take().then((release) => {
      third = true
      release()
    })
    await Promise.resolve()
    expect(third).toBe(false)
    second()
    await waiting
  })

  test('are refused after 15 seconds of waiting, and the next in line still waits for its own', async () => {
    vi.useFakeTimers()
    const turns = new Turns()
    const done = await turns.take()
    const refused = turns.take().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(10_000)
    const patient = turns.take()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await refused).toMatchObject({ code: '57014' })
    done()
    ;(await patient)()
  })

  test('leave no timer behind', async () => {
    vi.useFakeTimers()
    const turns = new Turns()
    await turns.run(async () => {})
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('know who has the turn and how many wait, also when one has waited in vain', async () => {
  const turns = new Turns()
  expect([turns.taken, turns.waiting]).toEqual([false, 0])
  const first = await turns.take()
  const [second, third] = [turns.take(), turns.take()]
  expect([turns.taken, turns.waiting]).toEqual([true, 2])
  first()
  first()
  ;(await second)()
  ;(await third)()
  await turns.run(async () => {})
  expect([turns.taken, turns.waiting]).toEqual([false, 0])
})
