import { expect, test, vi } from 'vitest'
import { remembering } from '../../app/core/remembering.ts'

test('work is done once for all who ask while it is done and a while after, and then again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    let times = 0
    let finish = () => {}
    const ask = remembering(1000, async () => {
      times += 1
      await new Promise<void>((resolve) => (finish = resolve))
      return times
    })
    const first = [ask(), ask()]
    vi.advanceTimersByTime(60_000)
    first.push(ask())
    finish()
    expect(await Promise.all(first)).toEqual([1, 1, 1])
    vi.advanceTimersByTime(999)
    expect(await ask()).toBe(1)
    vi.advanceTimersByTime(1)
    const second = ask()
    finish()
    expect(await second).toBe(2)
  } finally {
    vi.useRealTimers()
  }
})

test('a failure is told to all who ask as long', async () => {
  let times = 0
  const ask = remembering(1000, async () => {
    times += 1
    throw new Error('no')
  })
  for (const answer of [ask(), ask()]) await expect(answer).rejects.toThrow('no')
  await expect(ask()).rejects.toThrow('no')
  expect(times).toBe(1)
})
