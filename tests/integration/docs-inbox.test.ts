import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InboxItemType } from '../../app/models/inbox.ts'
import { JOBS } from '../../app/services/jobs/registry.ts'
import { DEFAULT_CHANNELS } from '../../app/services/notifications/channels.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { addItem } from '../support/inbox.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8')
const [, SECTION = ''] = read('collaboration.md').split(/^## Inbox and notifications$/m)
const OWN = SECTION.split(/^## /m)[0] ?? ''
const EXAMPLES = [...OWN.matchAll(/^```http\n(\w+) \/api\/v1(\S+)\n(.*?)\n?```$/gms)].map(([, method, path, body]) => ({
  method: method?.toLowerCase() as 'get' | 'post' | 'put' | 'patch',
  path: path ?? '',
  body: body ?? '',
}))

describe('docs/collaboration.md, inbox and notifications', () => {
  test('has examples', () => expect(EXAMPLES.length).toBeGreaterThan(4))

  test.for(EXAMPLES)('$method $path works', async ({ method, path, body }, { as, trusted, testUser, viewerUser }) => {
    const item = await trusted(({ db }) => addItem(db, { user_id: testUser.id, company_id: testUser.company_id! }))
    const filled = (text: string) =>
      text.replaceAll('ITEM_ID', String(item.id)).replaceAll('USER_ID', String(viewerUser.id))
    const reply = await as(testUser)[method](filled(path), body ? filled(body) : undefined)
    expect(reply.statusCode, reply.body).toBeLessThan(300)
  })

  test('has the defaults of the code', () => {
    const rows = [...OWN.matchAll(/^\| `(\w+)` +\| (yes|no) +\| (yes|no) +\|$/gm)].map(([, type, inApp, email]) => [
      type,
      { in_app: inApp === 'yes', email: email === 'yes' },
    ])
    expect(Object.fromEntries(rows)).toEqual(DEFAULT_CHANNELS)
    expect(rows).toHaveLength(Object.keys(InboxItemType).length)
  })
})

test('docs/jobs.md has every job and no others', () => {
  const rows = [...read('jobs.md').matchAll(/^\| `([\w.]+)` +\| (?:every (\d+) minutes?|queued) /gm)].map(
    ([, name, every]) => [name, every === undefined ? undefined : Number(every)],
  )
  expect(rows).toEqual(Object.entries(JOBS).map(([name, { every_minutes }]) => [name, every_minutes]))
})
