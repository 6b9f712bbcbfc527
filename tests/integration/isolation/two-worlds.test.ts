import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, vi } from 'vitest'
import { forgetStatements } from '../../../app/db/statement.ts'
import { roles } from '../../../app/models/index.ts'
import { attackCases } from '../../support/attack-cases/index.ts'
import { logIn } from '../../support/auth-headers.ts'
import { describe, expect, test as base } from '../../support/fixtures.ts'
import { victimOf } from '../../support/victim.ts'
import { withoutFirstWall, withoutSecondWall } from '../../support/walls.ts'
import { type Names, fillWith, namesOf, transcriptOf } from '../../support/worlds.ts'

// Every route, called by company A with its own records: once beside an empty company B, once beside one that is full, and
// of the very names that A's requests are about to use. A route that is new comes in by its line in attack-cases.
const test = base.extend(
  'world',
  ({ app, database, engine, settings, workAs, trusted, adminUser, superuser, testUser, viewerUser, otherCompany }) => {
    const before = [adminUser.id, superuser.id, testUser.id, viewerUser.id]
    return async (names?: Names) => {
      await database.restore()
      const victim = await victimOf({ workAs, trusted }, testUser)
      if (names)
        await trusted(async ({ db }) => {
          const [viewer] = await db.select().from(roles).where(eq(roles.codename, 'viewer'))
          await fillWith(db, names, otherCompany.id, viewer!.id)
        })
      const authHeaders = await logIn(engine, settings, [adminUser])
      const transcript = await transcriptOf(app, authHeaders(adminUser), attackCases(victim))
      const left = await trusted(({ db }) => namesOf(db, victim.company_id, [...before, victim.user_id]))
      return { transcript, names: left }
    }
  },
)

// What is built with a wall down must not be kept for the tests that follow.
beforeEach(forgetStatements)
afterEach(() => {
  vi.restoreAllMocks()
  forgetStatements()
})

describe('two worlds that differ in company B alone', () => {
  test('answer company A alike, byte for byte', async ({ world }) => {
    const empty = await world()
    for (const rows of Object.values(empty.names.records)) expect(rows.length).toBeGreaterThan(0)
    expect((await world(empty.names)).transcript).toEqual(empty.transcript)
    // Most of it is what a company gets to see, not refusals.
    const granted = empty.transcript.filter((line) => / 20\d \[/.test(line))
    expect(granted.length).toBeGreaterThan(empty.transcript.length / 2)
  })

  test('do so by the database alone, with the filter of the services removed', async ({ world }) => {
    withoutFirstWall()
    const empty = await world()
    expect((await world(empty.names)).transcript).toEqual(empty.transcript)
  })

  test('do so by the services alone, with row-level security switched off', async ({ world, engine }) => {
    await withoutSecondWall(engine, async () => {
      const empty = await world()
      expect((await world(empty.names)).transcript).toEqual(empty.transcript)
    })
  })

  test('differ with both removed, so these tests can fail', async ({ world, engine }) => {
    withoutFirstWall()
    await withoutSecondWall(engine, async () => {
      const empty = await world()
      expect((await world(empty.names)).transcript).not.toEqual(empty.transcript)
    })
  })
})
