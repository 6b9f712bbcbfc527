import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lastDigestTime, quietUntil } from '../../app/services/mail/quiet.ts'

const MINUTE = 60_000
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe', // half an hour of summer time
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Pacific/Apia',
]

/** What the clock on the wall shows, by another way than the code's own. */
function clock(moment: Date, timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' })
  const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]))
  return { time: `${parts['hour']}:${parts['minute']}`, day: parts['weekday'] }
}

function isQuiet(moment: Date, { dnd_start: start, dnd_end: end, time_zone }: Quiet): boolean {
  const { time } = clock(moment, time_zone)
  return start <= end ? start <= time && time < end : time >= start || time < end
}

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((n) => `${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`)
const quietTimes = fc.record({
  dnd_enabled: fc.constant(true),
  dnd_start: time,
  dnd_end: time,
  time_zone: fc.constantFrom(...ZONES),
})
type Quiet = Parameters<typeof quietUntil>[1]
// Whole minutes of years whose rules are known; half of them within a day of a change of the clocks.
const moments = fc
  .oneof(
    fc.date({ min: new Date('2020-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
    fc
      .tuple(
        fc.constantFrom(
          '2026-03-29T01:00Z',
          '2026-10-25T01:00Z',
          '2026-03-08T07:00Z',
          '2026-11-01T06:00Z',
          '2026-04-04T15:00Z',
          '2026-10-03T15:30Z',
        ),
        fc.integer({ min: -26 * 60, max: 26 * 60 }),
      )
      .map(([change, minutes]) => new Date(Date.parse(change) + minutes * MINUTE)),
  )
  .map((date) => new Date(Math.floor(date.getTime() / MINUTE) * MINUTE))

describe('the quiet time', () => {
  test('ends at the first moment that is not quiet, on days with a change of the clocks, too', () => {
    fc.assert(
      fc.property(moments, quietTimes, (now, quiet) => {
        const until = quietUntil(now, quiet)
        expect(until !== undefined).toBe(isQuiet(now, quiet))
        if (!until) return
        expect(until.getTime()).toBeGreaterThan(now.getTime())
        expect(isQuiet(until, quiet)).toBe(false)
        expect(isQuiet(new Date(until.getTime() - MINUTE), quiet)).toBe(true)
        for (let at = now.getTime(); at < until.getTime(); at += 7 * MINUTE)
          expect(isQuiet(new Date(at), quiet)).toBe(true)
      }),
      { numRuns: 400 },
    )
  })

  test.for([
    ['over midnight', '2026-11-24T22:30:00Z', 'Europe/Berlin', '22:00', '07:00', '2026-11-25T06:00:00.000Z'],
    ['within a day', '2026-11-24T12:00:00Z', 'UTC', '11:00', '13:00', '2026-11-24T13:00:00.000Z'],
    [
      'into the night that is an hour short',
      '2026-03-29T00:30:00Z',
      'Europe/Berlin',
      '22:00',
      '02:30',
      '2026-03-29T01:00:00.000Z',
    ],
    ['not outside of it', '2026-11-24T07:00:00Z', 'UTC', '22:00', '07:00', undefined],
    ['never, of no length', '2026-11-24T07:00:00Z', 'UTC', '07:00', '07:00', undefined],
  ] as const)('%s', ([, now, time_zone, dnd_start, dnd_end, until]) => {
    const quiet = { dnd_enabled: true, time_zone, dnd_start, dnd_end }
    expect(quietUntil(new Date(now), quiet)?.toISOString()).toBe(until)
    expect(quietUntil(new Date(now), { ...quiet, dnd_enabled: false })).toBeUndefined()
  })
})

describe('the last time of a digest', () => {
  test.for(['daily', 'weekly'] as const)('%s: is at 8:00 by the user’s clock, at most a day or week ago', (digest) => {
    fc.assert(
      fc.property(moments, fc.constantFrom(...ZONES), (now, zone) => {
        const last = lastDigestTime(now, digest, zone)
        const days = (now.getTime() - last.getTime()) / (24 * 60 * MINUTE)
        const { time: at, day } = clock(last, zone)
        expect(at).toBe('08:00')
        expect(digest === 'daily' || day === 'Mon').toBe(true)
        expect(days).toBeGreaterThanOrEqual(0)
        expect(days).toBeLessThan((digest === 'weekly' ? 7 : 1) + 1.1 / 24)
      }),
    )
  })
})
