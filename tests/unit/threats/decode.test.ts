import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode } from '../../../app/core/threats/decode.ts'

describe('decode', () => {
  test.for([
    ['percent', '%3Cscript%3E', '<script>'],
    ['percent twice', '%253Cscript', '<script'],
    ['percent four times', '%2525253C', '<'],
    ['UTF-8', 'caf%C3%A9 %E4%BD%A0', 'café 你'],
    ['Latin-1', 'caf%E9', 'café'],
    ['overlong UTF-8', '..%c0%af..%e0%80%af', '../../'],
    ['what old IIS took', '..%c1%9c', '..\\'],
    ['percent u', '%u0027%u003c', "'<"],
    ['HTML entities', '&lt;b&gt; &#60;&#x3c;&#0000060&#x003Cq', '<b> <<<<q'],
    ['entities in percent', '%26%2360%3b', '<'],
    ['unicode escapes', String.raw`\u003c\u{3c}\x3c`, '<<<'],
    ['full width', '＜ｓｃｒｉｐｔ＞', '<script>'],
    ['look-alikes', '‹a› ⁄ ∖ ’', "<a> / \\ '"],
    ['invisible characters', 'uni\u200bon sel\u00adect', 'union select'],
    ['what cannot be decoded', '100% & %zz &nothing; \\q', '100% & %zz &nothing; \\q'],
  ])('undoes %s', ([, written = '', meant]) => {
    expect(decode(written).text).toBe(meant)
  })

  test('says how a text was written', () => {
    expect(decode('plain')).toEqual({ text: 'plain', percentRounds: 0, overlong: false, unfinished: false })
    expect(decode('%c0%ae')).toMatchObject({ overlong: true, percentRounds: 1 })
    expect(decode('%252e')).toMatchObject({ percentRounds: 2, unfinished: false })
    expect(decode(`%${'25'.repeat(6)}3c`)).toMatchObject({ unfinished: true })
  })

  test('takes any text, and makes it no longer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '%', '&#', '\\u', '%c0'), (text, sign) => {
        const written = text.replaceAll(/[aeiou]/g, sign)
        expect(decode(written).text.length).toBeLessThanOrEqual(written.length)
      }),
    )
  })
})
