import inspector from 'node:inspector'
import { pingRedis } from '../readiness.ts'
import { type Check, otherMachine } from './check.ts'

const OLDEST_NODE = 24

export const runtimeChecks: Check[] = [
  {
    id: 'runtime.E001',
    about: 'Node is too old',
    hint: 'Start through ./manage or npm, which use the project’s own Node',
    find: ({ node }) =>
      Number.parseInt(node, 10) < OLDEST_NODE ? `Node ${node} is older than ${OLDEST_NODE}` : undefined,
  },
  {
    id: 'runtime.E002',
    about: 'In production the certificates of other servers are not checked',
    hint: 'Unset NODE_TLS_REJECT_UNAUTHORIZED; NODE_EXTRA_CA_CERTS names the authority of your own',
    find: ({ production, env }) =>
      production && env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? 'NODE_TLS_REJECT_UNAUTHORIZED is 0' : undefined,
  },
  {
    id: 'runtime.E003',
    about: 'In production a debugger can do everything',
    hint: 'Start without --inspect, also in NODE_OPTIONS',
    find: ({ production }) => (production && inspector.url() ? 'Node listens for a debugger' : undefined),
  },
  {
    id: 'runtime.W001',
    about: 'The superuser of the operating system runs it',
    hint: 'Run it as a user of its own, who may write to LOG_DIR and to var/ alone',
    deploy: true,
    find: ({ user_id }) => (user_id === 0 ? 'The process belongs to root' : undefined),
  },
  {
    id: 'redis.E001',
    about: 'Redis cannot be reached',
    hint: 'Start Redis, correct REDIS_URL, or unset it to keep the cache in each process',
    start: 'told',
    find: ({ settings: { REDIS_URL } }) =>
      REDIS_URL &&
      pingRedis(REDIS_URL).then(
        () => undefined,
        () => `Redis at ${new URL(REDIS_URL).host} does not answer, or refuses the log-in (REDIS_URL)`,
      ),
  },
  {
    id: 'redis.W001',
    about: 'In production Redis is another machine, and the way there is not encrypted',
    hint: 'Use rediss://',
    find({ production, settings: { REDIS_URL = '' } }) {
      const host = production && REDIS_URL.startsWith('redis:') ? otherMachine(REDIS_URL) : undefined
      return host && `Connections to ${host} are not encrypted`
    },
  },
  {
    id: 'redis.W002',
    about: 'Several processes may serve, and each counts rate limits alone',
    hint: 'Set REDIS_URL; or, of one process and for ever, silence this',
    find({ processes, production, settings: { REDIS_URL, RATE_LIMIT_ENABLED, DATABASE } }) {
      if (REDIS_URL || !RATE_LIMIT_ENABLED) return undefined
      if (processes > 1) return `${processes} processes let through ${processes} times as much as RATE_LIMIT_… say`
      return production && DATABASE.kind === 'server'
        ? 'Without REDIS_URL each process has limits of its own'
        : undefined
    },
  },
]
