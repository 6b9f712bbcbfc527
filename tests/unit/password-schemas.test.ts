import { describe, expect, test } from 'vitest'
import { passwordFaults } from '../../app/core/passwords.ts'
import { ChangePasswordRequest, RegisterRequest, ResetPasswordRequest } from '../../app/schemas/account.ts'
import { LoginRequest } from '../../app/schemas/auth.ts'
import { SECTIONS } from '../../app/schemas/demo-data.ts'
import { PasskeyOptionsRequest, TwoFactorProof } from '../../app/schemas/two-factor.ts'
import { UserCreate } from '../../app/schemas/user.ts'

const PLACES = {
  'log in': LoginRequest.shape.password,
  'show who changes a password': ChangePasswordRequest.shape.current_password,
  'show whose second factor it is': TwoFactorProof.shape.password,
  'show who makes a passkey': PasskeyOptionsRequest.shape.password,
  'change a password': ChangePasswordRequest.shape.new_password,
  'reset a password': ResetPasswordRequest.shape.new_password,
  register: RegisterRequest.shape.password,
  'make a user': UserCreate.shape.password,
  'load a user': SECTIONS.users.shape.password,
}
/** One letter in four parts: no letter has more. */
const IN_PARTS = '\u1f82'.normalize('NFD')

describe.for(Object.entries(PLACES))('a password given to %s', ([, schema]) => {
  test.for([
    ['of 128 letters', 'x'.repeat(128)],
    ['of 100 letters in two parts each', 'e\u0301'.repeat(100)],
    ['of 128 letters in four parts each', IN_PARTS.repeat(128)],
    ['of 128 letters outside the basic plane', '🐎'.repeat(128)],
  ] as const)('is taken, %s', ([, password]) => {
    expect(passwordFaults(password, { username: 'jane', email: 'jane@example.com' })).toEqual([])
    expect(schema.safeParse(password).error).toBeUndefined()
  })

  test('is refused where nobody can have one so long', () => {
    expect(schema.safeParse(IN_PARTS.repeat(129)).success).toBe(false)
  })
})
