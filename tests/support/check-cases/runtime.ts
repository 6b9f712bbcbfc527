import inspector from 'node:inspector'
import { type CheckCase, developing, given, good } from './case.ts'

const NOT_CHECKED = { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }

const ALONE = { RATE_LIMIT_ENABLED: 'true', REDIS_URL: '' }

export const runtimeCases: Record<string, CheckCase> = {
  'runtime.E001': {
    fails: [() => ({ subject: { node: '22.20.0' } })],
    says: /^Node 22\.20\.0 is older than 24$/,
    passes: [good, () => ({ subject: { node: '24.0.0' } })],
  },
  'runtime.E002': {
    fails: [() => ({ subject: NOT_CHECKED })],
    says: /^NODE_TLS_REJECT_UNAUTHORIZED is 0$/,
    passes: [good, () => ({ subject: { ...NOT_CHECKED, production: false } })],
  },
  'runtime.E003': {
    fails: [
      ({ undo }) => {
        inspector.open(0, '127.0.0.1')
        undo.defer(() => inspector.close())
        return {}
      },
    ],
    says: /^Node listens for a debugger$/,
    passes: [good],
  },
  'runtime.W001': {
    fails: [() => ({ subject: { user_id: 0 } })],
    says: /^The process belongs to root$/,
    passes: [() => ({ subject: { user_id: 1000 } }), () => ({ subject: { user_id: undefined } })],
  },
  'redis.E001': {
    fails: [given({ REDIS_URL: 'redis://user:hunter2@127.0.0.1:1' })],
    says: /^Redis at 127\.0\.0\.1:1 does not answer, or refuses the log-in \(REDIS_URL\)$/,
    passes: [given({ REDIS_URL: '' }), good], // with TEST_REDIS_URL a good one has Redis
  },
  'redis.W001': {
    fails: [given({ REDIS_URL: 'redis://user:hunter2@cache.example.com:6380' })],
    says: /^Connections to cache\.example\.com:6380 are not encrypted$/,
    passes: [
      given({ REDIS_URL: 'rediss://cache.example.com' }),
      given({ REDIS_URL: 'redis://127.0.0.1:6379' }),
      developing({ REDIS_URL: 'redis://cache' }),
    ],
  },
  'redis.W002': {
    fails: [
      () => ({ env: ALONE, subject: { processes: 4 } }),
      () => ({ env: { ...ALONE, ENVIRONMENT: 'development' }, subject: { processes: 2, production: false } }),
      given({ ...ALONE, DATABASE_URL: 'postgres://127.0.0.1/fastvue' }),
    ],
    says: /^([24]) processes let through \1 times as much as RATE_LIMIT_… say$|^Without REDIS_URL each process has limits of its own$/,
    passes: [
      good,
      given(ALONE),
      () => ({ env: { ...ALONE, REDIS_URL: 'redis://127.0.0.1:6379' }, subject: { processes: 4 } }),
      () => ({ env: { ...ALONE, RATE_LIMIT_ENABLED: 'false' }, subject: { processes: 4 } }),
      developing({ ...ALONE, DATABASE_URL: 'postgres://127.0.0.1/fastvue' }),
    ],
  },
}
