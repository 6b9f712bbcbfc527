import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Settings, loadSettings } from '../../app/core/config.ts'

const directory = resolve(import.meta.dirname, '../..')

/** The settings of a test: the defaults, whatever the developer's own environment and `.env` say, except for `env`. */
export function testSettings(env: NodeJS.ProcessEnv = {}): Settings {
  const defaults = {
    ENVIRONMENT: 'test',
    SECRET_KEY: 'a key for tests alone, never for a server',
    DATABASE_URL: 'memory:',
    REDIS_URL: process.env['TEST_REDIS_URL'],
    LOG_DIR: join(tmpdir(), 'fastvue-test-logs'),
  }
  return { ...loadSettings({ ...defaults, ...env }, import.meta.dirname), directory } // no .env is there
}
