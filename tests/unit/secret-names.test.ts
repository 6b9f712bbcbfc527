import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MASK, clip, isSecretName, maskSecrets } from '../../app/core/secret-names.ts'

describe('the name of a secret', () => {
  test.for(
    (
      'password new_password NewPassword password_hash access_token refreshToken secret client-secret pin card_cvv ' +
      'Authorization Set-Cookie api_key X-API-Key apiKey private_key backup_codes'
    ).split(' '),
  )('%s is one', (name) => expect(isSecretName(name)).toBe(true))

  test.for(['name', 'shipping', 'author', 'pinned', 'key', 'description', 'is_pinned', 'postpone', 'spinning'])(
    '%s is none',
    (name) => expect(isSecretName(name)).toBe(false),
  )
})

describe('JSON for a log', () => {
  test('has no secret at any depth, in lists and under any spelling', () => {
    const given = {
      name: 'Jane',
      new_password: 'p',
      nested: { deep: [{ accessToken: 't', fine: 1 }, { headers: { cookie: { a: 'c' } } }] },
      header: 'Bearer abc.def',
      nothing: { password: null },
    }
    expect(maskSecrets(given)).toEqual({
      name: 'Jane',
      new_password: MASK,
      nested: { deep: [{ accessToken: MASK, fine: 1 }, { headers: { cookie: MASK } }] },
      header: MASK,
      nothing: { password: null },
    })
  })

  test('is bounded and storable, whatever somebody sends', () => {
    const json = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 20 }))
    fc.assert(
      fc.property(json, (given) => {
        const text = JSON.stringify(maskSecrets(given))
        expect(text).not.toContain('\\u0000')
        expect(text.isWellFormed()).toBe(true)
      }),
    )
    const wide = { list: Array.from({ length: 100_000 }, (_, n) => n), text: 'x'.repeat(1_000_000) }
    expect(JSON.stringify(maskSecrets(wide)).length).toBeLessThan(40_000)
    let deep: Record<string, unknown> = { secret_of_depth: 'x' }
    for (let n = 0; n < 1000; n++) deep = { deep }
    expect(JSON.stringify(maskSecrets(deep))).not.toContain('secret_of_depth')
  })

  test('cuts no character in two', () => {
    expect(clip('🦊🦊🦊', 2)).toBe('🦊🦊')
    expect(clip('a\0b', 5)).toBe('ab')
    expect(clip('\ud83e', 5).isWellFormed()).toBe(true)
  })
})
