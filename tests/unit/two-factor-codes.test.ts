import { describe, expect, test } from 'vitest'
import { backupCodeHash, newBackupCode } from '../../app/core/backup-codes.ts'
import { matchingStep } from '../../app/core/totp.ts'

describe('a TOTP', () => {
  // RFC 6238, appendix B: the secret is the text 12345678901234567890; the last six of eight digits.
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

  test.for([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ] as const)('at %i s is that of RFC 6238', ([seconds, code]) => {
    expect(matchingStep(SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30))
  })

  test.for([
    [29.999, undefined],
    [30, 2],
    [59, 2],
    [60, 2],
    [119.999, 2],
    [120, undefined],
  ] as const)('of the second step, at %f s, is of step %s', ([seconds, step]) => {
    expect(matchingStep(SECRET, '359152', seconds * 1000)).toBe(step)
  })

  test.for(['', '28708', '2870820', '２８７０８２', '28708²', ' 287082'])('is not %j', (code) => {
    expect(matchingStep(SECRET, code, 59_000)).toBeUndefined()
  })
})

describe('a backup code', () => {
  test('is kept as a hash that is its user’s own', () => {
    const code = newBackupCode()
    expect(backupCodeHash(code, 1)).toBe(backupCodeHash(code.toLowerCase().replace('-', ''), 1))
    expect(backupCodeHash(code, 1)).not.toBe(backupCodeHash(code, 2))
    expect(backupCodeHash(code, 1)).not.toBe(backupCodeHash(newBackupCode(), 1))
  })
})
