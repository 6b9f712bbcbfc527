import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { isAddress, isNetwork } from './addresses.ts'
import { type OAuthProvider, oauthProviders } from './oauth-providers.ts'
import { OperatorError } from './operator-error.ts'
import { DEFAULT_ENDPOINT_LIMITS, ENDPOINT_LIMIT, overDefaults } from './rate-limits/endpoint-limits.ts'
import manifest from '../../package.json' with { type: 'json' }

/** Where the data lives: a PostgreSQL server, PostgreSQL in this process on a folder, or the same in memory. */
export type DatabaseTarget = { kind: 'server'; url: string } | { kind: 'embedded'; path: string } | { kind: 'memory' }

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
const list = z.string().transform((s) =>
  s
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)
const integer = (min: number, max: number) =>
  z.coerce.number(`expected a whole number from ${min} to ${max}`).int().min(min).max(max)

// Not `RATE_LIMIT_ENABLED=yes please`, which would be true or false by chance.
const truth = z.stringbool({ error: 'expected true or false' })

const moduleLevel = z
  .string()
  .regex(
    new RegExp(`^[\\w-]+(\\.[\\w-]+)*=(${LEVELS.join('|')})$`),
    'expected MODULE=LEVEL such as app.services.inbox=DEBUG',
  )

const webAddress = z
  .url({ protocol: /^https?$/, error: 'expected an address such as https://app.example.com' })
  .transform((url) => url.replace(/\/$/, ''))

const secretKey = z.string().refine((text) => Buffer.byteLength(text) >= 32, 'expected at least 32 bytes')

// Libraries that are given one they cannot read quote it in their errors, password and all.
const readable = 'cannot be read as an address; in a password write % as %25, # as %23, / as %2F, ? as %3F, @ as %40'

/** Every setting, its rule and default. `.env.example` and `docs/settings.md` are checked against it. */
const SETTINGS = {
  ENVIRONMENT: z.enum(['development', 'test', 'production']).default('development'),
  DATABASE_URL: z
    .string()
    .regex(/^(postgres(ql)?:\/\/.|file:.|memory:$)/, 'expected postgres://…, file:PATH or memory:')
    .refine((url) => !url.startsWith('postgres') || isAddress(url), readable)
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'expected redis://…')
    .refine(isAddress, readable)
    .optional(),
  SECRET_KEY: secretKey.optional(),
  SECRET_KEY_PREVIOUS: secretKey.optional(),
  ACCESS_TOKEN_EXPIRE_MINUTES: integer(1, 1440).default(30),
  REFRESH_TOKEN_EXPIRE_DAYS: integer(1, 90).default(7),
  TRUSTED_PROXIES: list
    .pipe(z.array(z.string().refine(isNetwork, 'expected addresses or networks such as 10.0.0.0/8')))
    .default([]),
  BACKEND_CORS_ORIGINS: list
    .pipe(z.array(z.url({ protocol: /^https?$/, error: 'expected origins such as https://app.example.com' })))
    .default([]),
  LOG_LEVEL: z.enum(LEVELS).default('INFO'),
  LOG_LEVELS: list.pipe(z.array(moduleLevel)).default([]),
  LOG_DIR: z.string().min(1).default('logs'),
  LOG_EXCLUDED_PATHS: list.pipe(z.array(z.string().startsWith('/', 'expected paths such as /api/v1/ping'))).default([]),
  DB_POOL_SIZE: integer(1, 500).default(20),
  CACHE_DEFAULT_TTL: integer(1, 86_400).default(300),
  HOST: z.string().min(1).default('0.0.0.0'),
  PORT: integer(0, 65_535).default(8000),
  RATE_LIMIT_ENABLED: truth.default(true),
  RATE_LIMIT_PER_MINUTE: integer(1, 1_000_000).default(60),
  RATE_LIMIT_BURST: integer(0, 1_000_000).default(10),
  RATE_LIMIT_USER_PER_MINUTE: integer(1, 1_000_000).default(600),
  RATE_LIMIT_USER_BURST: integer(0, 1_000_000).default(60),
  RATE_LIMIT_ENDPOINTS: list
    .pipe(z.array(z.string().regex(ENDPOINT_LIMIT, 'expected PATH=REQUESTS/SECONDS such as /auth/login=5/300')))
    .transform(overDefaults)
    .default(DEFAULT_ENDPOINT_LIMITS),
  THREAT_DETECTION_ENABLED: truth.default(true),
  THREAT_SCORE: integer(1, 100).default(30),
  THREAT_BLOCK: truth.default(false),
  THREAT_BLOCK_SCORE: integer(1, 100).default(80),
  BODY_LIMIT_MB: integer(1, 1024).default(10),
  METRICS_TOKEN: z.string().min(16, 'expected at least 16 characters').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress.optional(),
  PUBLIC_URL: webAddress.optional(),
  FRONTEND_URL: webAddress.default('http://localhost:5173'),
  REGISTRATION_ENABLED: truth.default(false),
  TWO_FACTOR_ISSUER: z
    .string()
    .min(1)
    .max(50)
    .regex(/^[^:]+$/, 'must have no colon')
    .default('FastVue'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/./, 'expected smtps://user:password@host')
    .refine(isAddress, readable)
    .optional(),
  MAIL_FROM: z.string().min(3).max(255).default('FastVue <noreply@localhost>'),
  GOOGLE_CLIENT_ID: z.string().optional(),
  GOOGLE_CLIENT_SECRET: z.string().optional(),
  GITHUB_CLIENT_ID: z.string().optional(),
  GITHUB_CLIENT_SECRET: z.string().optional(),
  MICROSOFT_CLIENT_ID: z.string().optional(),
  MICROSOFT_CLIENT_SECRET: z.string().optional(),
  ACTIVITY_RETENTION_DAYS: integer(0, 36_500).default(365),
  SILENCED_CHECKS: list.default([]),
}

export const SETTING_NAMES = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]
const schema = z.object(SETTINGS)

export type Settings = Omit<z.output<typeof schema>, 'DATABASE_URL' | 'SECRET_KEY'> & {
  /** The project's folder; `var/`, `migrations/` and relative paths are below it. */
  directory: string
  VERSION: string
  DATABASE: DatabaseTarget
  SECRET_KEY: string
  /** Who people may log in with besides a password. */
  OAUTH: OAuthProvider[]
  /** Where mail is written while there is no `SMTP_URL`. */
  OUTBOX: string
}

/** Settings that cannot be used. `faults` names every one of them. */
export class SettingsError extends OperatorError {
  readonly faults: string[]
  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/**
 * Reads the settings from the environment and, below it, from `.env` in the project's folder.
 * @throws SettingsError naming every invalid value and every broken line of `.env` at once.
 */
export function loadSettings(
  env: NodeJS.ProcessEnv = process.env,
  directory = resolve(import.meta.dirname, '../..'),
): Settings {
  const faults: string[] = []
  const given = { ...readEnvFile(join(directory, '.env'), faults), ...env }
  // An empty value means "not set": that is how a shell or a compose file unsets a variable.
  const values = Object.fromEntries(SETTING_NAMES.map((name) => [name, given[name] || undefined]))
  const parsed = schema.safeParse(values)
  if (!parsed.success)
    faults.push(...parsed.error.issues.map((issue) => `${issue.path[0]?.toString()}: ${issue.message}`))
  // Asked of what was given: a fault elsewhere must not hide these.
  const isProduction = values['ENVIRONMENT'] === 'production'
  if (isProduction && !values['SECRET_KEY'])
    faults.push('SECRET_KEY: required in production; make one with `openssl rand -hex 32`')
  const OAUTH = oauthProviders(given, faults)
  // Elsewhere the request's Host says where we are; in production that would let its sender choose where codes are sent.
  if (isProduction && OAUTH.length > 0 && !values['PUBLIC_URL'])
    faults.push('PUBLIC_URL: required in production with a log-in provider')
  if (!parsed.success || faults.length) throw new SettingsError(faults)
  const { DATABASE_URL, SECRET_KEY, ...rest } = parsed.data
  return {
    ...rest,
    directory,
    VERSION: manifest.version,
    OAUTH,
    OUTBOX: join(directory, 'var', 'outbox'),
    LOG_DIR: resolve(directory, rest.LOG_DIR),
    DATABASE: databaseTarget(DATABASE_URL, directory),
    SECRET_KEY: SECRET_KEY ?? developmentKey(join(directory, 'var')),
  }
}

function databaseTarget(url: string | undefined, directory: string): DatabaseTarget {
  if (url === 'memory:') return { kind: 'memory' }
  if (url?.startsWith('file:')) return { kind: 'embedded', path: resolve(directory, url.slice('file:'.length)) }
  return url ? { kind: 'server', url } : { kind: 'embedded', path: join(directory, 'var', 'db') }
}

function readEnvFile(path: string, faults: string[]): NodeJS.Dict<string> {
  const text = readTextIfThere(path, faults)
  // Node's parser skips what it cannot read; a skipped line is a setting that silently does nothing.
  const withoutQuoted = text.replaceAll(
    /(["'`])(?:(?!\1)[^\\]|\\.)*\1/gs,
    (quoted) => `""${'\n'.repeat(quoted.split('\n').length - 1)}`,
  )
  for (const [index, line] of withoutQuoted.split('\n').entries())
    if (!/^\s*(#.*|(export\s+)?[A-Za-z_]\w*\s*=.*|"*)?$/.test(line))
      faults.push(`.env line ${index + 1}: expected NAME=value`)
  return parseEnv(text)
}

function readTextIfThere(path: string, faults: string[]): string {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  } catch (error) {
    faults.push(`.env: cannot be read: ${(error as Error).message}`)
    return ''
  }
}

/** A key of this working copy, made once, so that log-ins survive a restart without any set-up. */
function developmentKey(folder: string): string {
  const path = join(folder, 'secret.key')
  try {
    mkdirSync(folder, { recursive: true })
    if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    // Another process may have made it a moment ago.
    if (!existsSync(path)) throw unusableKey(path, error)
  }
  try {
    const key = readFileSync(path, 'utf8')
    if (key.length >= 32) return key
    throw new Error('it is too short; delete it for a new one')
  } catch (error) {
    throw unusableKey(path, error)
  }
}

const unusableKey = (path: string, error: unknown) =>
  new SettingsError([`SECRET_KEY: not set, and ${path} cannot be used: ${(error as Error).message}`])
