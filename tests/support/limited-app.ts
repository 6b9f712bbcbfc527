import type { Engine } from '../../app/db/engine.ts'
import { LIMITERS, type TestLimiter } from './limiters.ts'
import { ownApp } from './own-app.ts'
import { testSettings } from './settings.ts'

interface Request {
  url?: string
  method?: 'GET' | 'POST' | 'HEAD' | 'OPTIONS'
  headers?: Record<string, string>
  payload?: object | string
  /** Where it comes from. */
  from?: string
}

/** Where a page comes from that asks. */
export const ORIGIN = 'https://app.example.com'

/** What a reply says of limits: how many, how many are left, and when it begins anew. */
export const limitsIn = (headers: Record<string, unknown>) =>
  ['limit', 'remaining', 'reset'].map((name) => headers[`x-ratelimit-${name}`])

const [[, inMemory]] = LIMITERS as [(typeof LIMITERS)[number]]

/** An application with rate limits: 3 requests and a burst of 2 unless the settings say otherwise. */
export async function limitedApp(engine: Engine, env: NodeJS.ProcessEnv = {}, open = inMemory) {
  const limiter: TestLimiter = await open()
  const SMALL = { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_PER_MINUTE: '3', RATE_LIMIT_BURST: '2' }
  const settings = testSettings({ ...SMALL, RATE_LIMIT_USER_PER_MINUTE: '4', RATE_LIMIT_USER_BURST: '0', ...env })
  const own = await ownApp({ engine, settings, limiter: limiter.limiter })
  const ask = ({ url = '/api/v1/nowhere', from = '192.0.2.1', ...request }: Request = {}) =>
    own.app.inject({ url, remoteAddress: from, ...request })
  /** The statuses of so many of the same, one after the other. */
  const statuses = async (times: number, request?: Request) => {
    const found: number[] = []
    for (let n = 0; n < times; n++) found.push((await ask(request)).statusCode)
    return found
  }
  return {
    ...own,
    ask,
    statuses,
    /** Lets time pass for the limits, in seconds. */
    pass: (seconds: number) => limiter.pass(seconds * 1000),
    async [Symbol.asyncDispose]() {
      await own[Symbol.asyncDispose]()
      await limiter[Symbol.asyncDispose]()
    },
  }
}
