import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toRfc3339 } from '../../app/db/types.ts'

test.for([
  ['2026-11-23 22:31:24.12+00', '2026-11-23T22:31:24.120Z'],
  ['2026-11-23 22:31:24+00', '2026-11-23T22:31:24.000Z'],
  ['2026-11-23 22:31:24.123456+00', '2026-11-23T22:31:24.123Z'],
  ['2026-11-23 22:31:24.9999+00', '2026-11-23T22:31:24.999Z'],
])('%s is %s', ([text, expected]) => {
  expect(toRfc3339(text!)).toBe(expected)
})

test.for(['infinity', '-infinity', '0044-03-15 10:00:00+00 BC', '10000-01-01 00:00:00+00'])(
  '%s has no form in RFC 3339 and stays as it is',
  (text) => {
    expect(toRfc3339(text)).toBe(text)
  },
)

test('every moment of the years 1000 to 9999 is the one JavaScript reads back', () => {
  const moments = fc.date({ min: new Date('1000-01-01Z'), max: new Date('9999-12-31Z'), noInvalidDate: true })
  fc.assert(
    fc.property(moments, (moment) => {
      const fromPostgres = moment
        .toISOString()
        .replace('T', ' ')
        .replace(/\.?0*Z$/, '+00')
      expect(toRfc3339(fromPostgres)).toBe(moment.toISOString())
    }),
  )
})
