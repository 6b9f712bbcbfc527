import { rmSync } from 'node:fs'
import { inject } from 'vitest'
import { type Context, systemContext } from '../../app/services/context.ts'
import { logIn } from './auth-headers.ts'
import type { TestUser } from './baseline.ts'
import { callerOf } from './caller.ts'
import { type Mail, mailsIn } from './outbox.ts'
import { testSettings } from './settings.ts'
import { test as base } from './temporary-folder.ts'
import { contextOf, openUnit, workAs } from './work-as.ts'
import { workerApp, workerDatabase } from './worker.ts'

export { describe, expect } from 'vitest'
export type { TestCompany, TestUser } from './baseline.ts'
export { PASSWORD } from './password.ts'

/** What a worker opens once, for all of its tests. */
const withWorker = base
  .extend('settings', { scope: 'worker' }, () => testSettings())
  .extend('database', { scope: 'worker' }, async ({}, { onCleanup }) => {
    const database = await workerDatabase()
    onCleanup(() => database.close())
    return database
  })
  .extend('sharedApp', { scope: 'worker' }, async ({ database: _ }, { onCleanup }) => {
    const { app, close } = await workerApp()
    onCleanup(() => close())
    return app
  })

/** The two companies and their people: rows of the database, the password hash left out. */
const withPeople = withWorker
  .extend('testCompany', () => inject('baseline').companies.test)
  .extend('otherCompany', () => inject('baseline').companies.other)
  .extend('superuser', () => inject('baseline').users.superuser)
  .extend('adminUser', () => inject('baseline').users.admin)
  .extend('testUser', () => inject('baseline').users.manager)
  .extend('viewerUser', () => inject('baseline').users.viewer)
  .extend('outsider', () => inject('baseline').users.outsider)
  .extend('stranger', () => inject('baseline').users.stranger)

/**
 * Vitest's `test` with the fixtures of docs/testing.md. A test gets what it names, and nothing else is set up. The
 * database is as `baseline.ts` made it, whatever the test before did.
 */
export const test = withPeople
  .extend('engine', async ({ database }) => {
    await database.restore()
    return database.engine
  })
  .extend('session', async ({ engine, settings, testUser }, { onCleanup }) => {
    const unit = openUnit(engine, testUser)
    onCleanup(() => unit.rollback())
    return contextOf(unit, settings, testUser)
  })
  .extend('db', ({ session }) => session.db)
  .extend('workAs', ({ engine, settings }) => workAs(engine, settings))
  .extend('app', ({ engine: _, sharedApp }, { onCleanup }) => {
    onCleanup(() => sharedApp.auth.background.settled())
    return sharedApp
  })
  // The mails that this test's requests have caused, the oldest first; those of `from`, if it is an app of the test's own.
  .extend('mailsTo', ({ settings, app }) => {
    rmSync(settings.OUTBOX, { recursive: true, force: true })
    return async (address: string, from = app): Promise<Mail[]> => {
      await from.auth.background.settled()
      return mailsIn(settings.OUTBOX).filter(({ to }) => to === address)
    }
  })
  .extend('authHeaders', ({ engine, settings }) => logIn(engine, settings, Object.values(inject('baseline').users)))
  // The API as a user calls it; without a user, as nobody.
  .extend('as', ({ app, authHeaders }) => {
    return (user?: TestUser) => callerOf(app, user && authHeaders(user))
  })
  // Work across companies, as commands and jobs do it.
  .extend('trusted', ({ engine, settings }) => <R>(work: (ctx: Context) => Promise<R>): Promise<R> => {
    return systemContext({ engine, settings, company_id: null }, work)
  })
