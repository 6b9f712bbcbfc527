import { pingRedis } from '../readiness.ts'
import type { Check } from './check.ts'

const OLDEST_NODE = 24

export const runtimeChecks: Check[] = [
  {
    id: 'runtime.E001',
    about: 'Node is too old',
    hint: 'Start through ./manage or npm, which use the project’s own Node',
    find() {
      const { node } = process.versions
      return Number.parseInt(node, 10) < OLDEST_NODE ? `Node ${node} is older than ${OLDEST_NODE}` : undefined
    },
  },
  {
    id: 'redis.E001',
    about: 'Redis cannot be reached',
    hint: 'Start Redis, correct REDIS_URL, or unset it to keep the cache in each process',
    async find({ settings: { REDIS_URL } }) {
      if (!REDIS_URL) return undefined
      const { host } = new URL(REDIS_URL) // the rest of it may have a password
      return pingRedis(REDIS_URL).then(
        () => undefined,
        () => `Redis at ${host} does not answer (REDIS_URL)`,
      )
    },
  },
]
