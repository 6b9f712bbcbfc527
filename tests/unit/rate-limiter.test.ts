import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { networkOf } from '../../app/core/addresses.ts'
import { type Limit, sliceOf } from '../../app/core/rate-limits/limiter.ts'
import { MemoryLimiter } from '../../app/core/rate-limits/memory-limiter.ts'

const SLICES = 60

const limits = fc.record({
  requests: fc.integer({ min: 1, max: 6 }),
  burst: fc.integer({ min: 0, max: 3 }),
  seconds: fc.constantFrom(1, 7, 60, 300),
})
/** Parts of a window that pass before the next request: none, little, about a slice, about a window, several. */
const pauses = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.double({ min: 0, max: 0.05, noNaN: true }),
    fc.constantFrom(1 / SLICES, 2 / SLICES, 59 / SLICES, 1, 61 / SLICES, 62 / SLICES),
    fc.double({ min: 0, max: 3, noNaN: true }),
  ),
  { minLength: 1, maxLength: 60 },
)

/** What a list of all requests says: they count until their slice has left the window. */
function naively(limit: Limit) {
  const width = sliceOf(limit)
  const log: number[] = []
  const most = limit.requests + limit.burst
  return (now: number) => {
    const slice = Math.floor(now / width)
    const counting = log.filter((one) => slice - one <= SLICES)
    const passed = counting.length < most
    if (passed) log.push(slice)
    const used = counting.length + (passed ? 1 : 0)
    const end = (one: number) => (one + SLICES + 1) * width - now
    return {
      passed,
      remaining: Math.max(0, limit.requests - used),
      empty_in: end(log.at(-1) ?? 0),
      wait: passed ? 0 : Math.max(1, end(counting[counting.length - most] ?? 0)),
    }
  }
}

describe('the sliding window', () => {
  test('is what a list of all requests says', () => {
    fc.assert(
      fc.property(limits, pauses, fc.double({ min: 0, max: 1e6, noNaN: true }), (limit, all, begin) => {
        let now = begin
        const limiter = new MemoryLimiter({ clock: () => now, keys: 2 })
        const expected = naively(limit)
        const [said, model] = [[] as object[], [] as object[]]
        for (const pause of all) {
          now += pause * limit.seconds * 1000
          const { limit: _, ...verdict } = limiter.take([{ key: 'a', limit }])
          said.push(verdict)
          model.push(expected(now))
        }
        expect(said).toEqual(model)
      }),
      { numRuns: 300 },
    )
  })

  test('lets no more through in any span as long as the window, and no fewer than in one a slice longer', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, all) => {
        let now = 0
        const limiter = new MemoryLimiter({ clock: () => now, keys: 2 })
        const most = limit.requests + limit.burst
        const passed: number[] = []
        const within = (span: number) => passed.filter((one) => one > now - span).length
        const faults: string[] = []
        for (const pause of all) {
          now += pause * limit.seconds * 1000
          const window = limit.seconds * 1000
          if (limiter.take([{ key: 'a', limit }]).passed) {
            if (within(window) >= most) faults.push(`too many at ${now}`)
            passed.push(now)
          } else if (within(window + sliceOf(limit) + 1e-6) < most) faults.push(`too few at ${now}`)
        }
        expect(faults).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('opens again when it says so, and not before', () => {
    fc.assert(
      fc.property(limits, pauses, (limit, all) => {
        let now = 0
        const limiter = new MemoryLimiter({ clock: () => now, keys: 2 })
        const ask = () => limiter.take([{ key: 'a', limit }])
        for (const pause of all) {
          now += pause * limit.seconds * 1000
          const { passed, wait } = ask()
          if (passed) continue
          now += wait - 2
          const before = wait > 2 && ask().passed
          now += 2.001
          expect([before, ask().passed]).toEqual([false, true])
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('the memory of a limiter', () => {
  const limit = { requests: 1, burst: 0, seconds: 60 }

  test('has room for so many keys, however many there are', () => {
    const limiter = new MemoryLimiter({ keys: 100 })
    const before = process.memoryUsage().arrayBuffers
    const ask = (key: string) => limiter.take([{ key, limit }]).passed
    expect([ask('first'), ask('first')]).toEqual([true, false])
    for (let n = 1; n < 100; n++) ask(`other ${n}`)
    expect(ask('first')).toBe(false) // also asked for now, so that others are forgotten before it
    expect(ask('other 1')).toBe(false)
    for (let n = 0; n < 100; n++) ask(`another ${n}`)
    expect(ask('other 1')).toBe(true)
    for (let n = 0; n < 20_000; n++) ask(`many ${n}`)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000)
  })

  test('gives a key nothing of the one that was forgotten for it', () => {
    let now = 0
    const limiter = new MemoryLimiter({ clock: () => now, keys: 1 })
    for (const key of ['a', 'b', 'c']) {
      const { passed, remaining } = limiter.take([{ key, limit: { ...limit, requests: 5 } }])
      expect({ passed, remaining }).toEqual({ passed: true, remaining: 4 })
      now += 1500
    }
  })
})

test.for<[string, string]>([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:0:0:0:1', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
  ['2001:db8::1:2', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['::1:2:3:4:5:6:7', '0:1:2:3::/64'],
  ['1:2:3::192.0.2.1', '1:2:3:0::/64'],
  ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['not an address', 'unknown'],
  [':'.repeat(9), 'unknown'],
  ['', 'unknown'],
])('the address %s counts as %s', ([address, network]) => {
  expect(networkOf(address)).toBe(network)
})
