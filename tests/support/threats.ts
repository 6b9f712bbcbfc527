import { eq } from 'drizzle-orm'
import type { Settings } from '../../app/core/config.ts'
import { activityLogs } from '../../app/models/index.ts'
import { test as base } from './fixtures.ts'
import { ownApp } from './own-app.ts'

/** What scores high by every measure. */
export const INJECTION = "' UNION SELECT username, password FROM users--"
export const inQuery = (text: string) => `/products?q=${encodeURIComponent(text)}`
/** What an event and an entry are called. */
export const SUSPICIOUS = 'suspicious_request'

/** With `open`: an app of the test's own with these settings, and what it has told so far. */
export const test = base.extend('open', ({ engine, settings, trusted }, { onCleanup }) => {
  const opened: AsyncDisposable[] = []
  onCleanup(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]()
  })
  return async (given: Partial<Settings> = {}) => {
    const own = await ownApp({ engine, settings: { ...settings, THREAT_DETECTION_ENABLED: true, ...given } })
    opened.push(own)
    const told = async () => {
      await own.app.auth.background.settled()
      const lines = own.securityLines().filter(({ event_type }) => event_type === SUSPICIOUS)
      const entries = await trusted(({ db }) =>
        db.select().from(activityLogs).where(eq(activityLogs.action, SUSPICIOUS)).orderBy(activityLogs.id),
      )
      return { lines, entries }
    }
    return { ...own, told }
  }
})
