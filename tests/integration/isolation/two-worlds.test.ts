import { eq } from 'drizzle-orm'
import { roles } from '../../../app/models/index.ts'
import { attackCases } from '../../support/attack-cases/index.ts'
import { logIn } from '../../support/auth-headers.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { victimOf } from '../../support/victim.ts'
import { type Names, fillWith, namesOf, transcriptOf } from '../../support/worlds.ts'

// Every route, called by company A with its own records: once beside an empty company B, once beside one that is full, and
// of the very names that A's requests are about to use. A route that is new comes in by its line in attack-cases.
describe('two worlds that differ in company B alone', () => {
  test('answer company A alike, byte for byte', async ({
    app,
    database,
    engine,
    settings,
    workAs,
    trusted,
    adminUser,
    superuser,
    testUser,
    viewerUser,
    otherCompany,
    testCompany,
  }) => {
    const before = [adminUser.id, superuser.id, testUser.id, viewerUser.id]
    const world = async (names?: Names) => {
      await database.restore()
      const victim = await victimOf({ workAs, trusted }, testUser)
      if (names)
        await trusted(async ({ db }) => {
          const [viewer] = await db.select().from(roles).where(eq(roles.codename, 'viewer'))
          await fillWith(db, names, otherCompany.id, viewer!.id)
        })
      const authHeaders = await logIn(engine, settings, [adminUser])
      const transcript = await transcriptOf(app, authHeaders(adminUser), attackCases(victim))
      return { transcript, names: await trusted(({ db }) => namesOf(db, testCompany.id, [...before, victim.user_id])) }
    }
    const empty = await world()
    expect(empty.names.products.length).toBeGreaterThan(0)
    const full = await world(empty.names)
    expect(full.transcript).toEqual(empty.transcript)
    // Most of it is what a company gets to see, not refusals.
    const granted = empty.transcript.filter((line) => / 20\d \[/.test(line))
    expect(granted.length).toBeGreaterThan(empty.transcript.length / 2)
  })
})
