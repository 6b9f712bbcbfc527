import { describe, expect, test } from 'vitest'
import { Email, TimeZone } from '../../app/schemas/identity.ts'

// What looks at these takes seconds for a text of megabytes, in which the process serves nobody else. That it was not looked at
// shows in what is told: one fault, the length.
const CASES = [
  { name: 'an e-mail address', schema: Email, good: 'jane@example.com', long: `a@${'a.'.repeat(200)}` },
  { name: 'a time zone', schema: TimeZone, good: 'Europe/Berlin', long: 'A'.repeat(51) },
]

describe.for(CASES)('$name', ({ schema, good, long }) => {
  test('that is too long is not looked at any further', () => {
    expect(schema.safeParse(long).error?.issues.map(({ code }) => code)).toEqual(['too_big'])
  })

  test('of a usual length is', () => {
    expect(schema.safeParse(good).data).toBe(good)
    expect(schema.safeParse('nonsense').error?.issues).toHaveLength(1)
  })
})
