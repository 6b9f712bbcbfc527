import { expect, test } from 'vitest'
import { uidOf, uidOfRepeat } from '../../app/services/demo-data/history/uids.ts'

// Files that were loaded by an earlier release must stay the same items.
test('an item without a uid has the same one for ever', () => {
  const item = { company_code: 'ACME', action: 'é\n', metadata: { b: [1, { d: null, c: true }], a: 0.5 } }
  const uid = uidOf('activity_logs', item)
  expect(uid).toBe('487266f3-31bf-85ce-b985-ff6f2ac44bbe')
  expect(uidOfRepeat(uid, 1)).toBe('1e170447-2792-8db8-b1ea-1f069b429d54')
  expect(
    uidOf('activity_logs', { metadata: { a: 0.5, b: [1, { c: true, d: null }] }, action: 'é\n', company_code: 'ACME' }),
  ).toBe(uid)
  expect(uidOf('messages', item)).not.toBe(uid)
})
