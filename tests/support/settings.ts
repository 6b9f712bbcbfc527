import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Settings, loadSettings } from '../../app/core/config.ts'

const directory = resolve(import.meta.dirname, '../..')
// This worker's own. The run removes it at its end (global-setup.ts): the folder is named after the process.
const OUTBOX = join(tmpdir(), `fastvue-test-${process.pid}`, `outbox-${process.env['VITEST_POOL_ID'] ?? '0'}`)

/** The settings of a test: the defaults, whatever the developer's own environment and `.env` say, except for `env`. */
export function testSettings(env: NodeJS.ProcessEnv = {}): Settings {
  const defaults = {
    ENVIRONMENT: 'test',
    SECRET_KEY: 'a key for tests alone, never for a server',
    DATABASE_URL: 'memory:',
    REDIS_URL: redisUrl(),
    LOG_DIR: join(tmpdir(), 'fastvue-test-logs'),
    RATE_LIMIT_ENABLED: 'false',
  }
  return { ...loadSettings({ ...defaults, ...env }, import.meta.dirname), directory, OUTBOX } // no .env is there
}

/** Of the server that TEST_REDIS_URL names, a database of this worker's own. */
function redisUrl(): string | undefined {
  const { TEST_REDIS_URL, VITEST_POOL_ID = '0' } = process.env
  return TEST_REDIS_URL && new URL(VITEST_POOL_ID, TEST_REDIS_URL).href
}
