import { describe, expect, test } from 'vitest'
import { hashPassword, passwordFaults, verifyDummy, verifyPassword } from '../../app/core/passwords.ts'

describe('password hashes', () => {
  test('are argon2id with 19 MiB, two passes and one lane', async () => {
    expect(await hashPassword('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('fit their own password and no other', async () => {
    const hash = await hashPassword('correct horse')
    expect(await verifyPassword(hash, 'correct horse')).toBe(true)
    expect(await verifyPassword(hash, 'Correct horse')).toBe(false)
  })

  test('fit the same letters in another Unicode form', async () => {
    expect(await verifyPassword(await hashPassword('cafe\u0301 au lait'), 'caf\u00e9 au lait')).toBe(true)
  })

  test('that are no hashes fit nothing', async () => {
    expect(await verifyPassword('!', '!')).toBe(false)
    expect(await verifyDummy('correct horse')).toBe(false)
  })
})

describe('passwordFaults', () => {
  const owner = { username: 'janedoe-1', email: 'jane.doe@example.com' }

  test.each([
    ['1234567', ['must have at least 8 characters']],
    ['ünïcödé', ['must have at least 8 characters']],
    ['x'.repeat(129), ['must have at most 128 characters']],
    ['secret123', ['is one of the most common passwords']],
    ['PassWord1', ['is one of the most common passwords']],
    ['ｐａｓｓｗｏｒｄ１２３', ['is one of the most common passwords']], // full-width letters
    ['e\u0301'.repeat(4), ['must have at least 8 characters']], // four letters in eight parts
    ['JaneDoe-1', ["must not be the user's own name or e-mail"]],
    ['jane.doe@example.com', ["must not be the user's own name or e-mail"]],
    ['jane.doe', ["must not be the user's own name or e-mail"]],
    ['nul\0inside', ['must not have a NUL character']],
    ['\0', ['must have at least 8 characters', 'must not have a NUL character']],
  ])('of %j', (password, faults) => {
    expect(passwordFaults(password, owner)).toEqual(faults)
  })

  test.each(['secretpass', 'correct horse battery staple', 'x'.repeat(128), '🐎'.repeat(8)])(
    'none in %j',
    (password) => {
      expect(passwordFaults(password, owner)).toEqual([])
    },
  )
})
