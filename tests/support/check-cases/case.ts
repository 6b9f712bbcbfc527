import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Settings } from '../../../app/core/config.ts'
import type { Engine } from '../../../app/db/engine.ts'
import type { Subject } from '../../../app/services/checks/check.ts'
import { type OwnDatabaseOptions, ownDatabase } from '../own-database.ts'
import { testSettings } from '../settings.ts'

/** What a row is about: whatever it leaves out is that of a good production. */
export interface Setup {
  env?: NodeJS.ProcessEnv
  open?: () => Promise<Engine>
  subject?: Partial<Subject>
}

/** Where a row happens. */
export interface World {
  /** The baseline. */
  engine: Engine
  /** A project's folder of its own, with the migrations and the demo data. */
  folder: string
  /** Undoes what the row did. */
  undo: AsyncDisposableStack
}

export type Row = (world: World) => Setup | Promise<Setup>

/** How a check is shown to find what it is for, and nothing else. */
export interface CheckCase {
  /** Each makes it find something. */
  fails: Row[]
  /** What it then says. */
  says: RegExp
  /** In each it finds nothing. */
  passes: Row[]
  /** Why it cannot be shown here: a server that is not there. */
  runIf?: boolean
}

const root = resolve(import.meta.dirname, '../../..')

export const GOOD_KEY = '6f1d0c58a9e34b7729d1f6b0835ec4a2'

/** The settings of a good production. */
const GOOD = {
  ENVIRONMENT: 'production',
  SECRET_KEY: GOOD_KEY,
  DATABASE_URL: 'file:var/db',
  SMTP_URL: 'smtps://user:password@mail.example.com',
  MAIL_FROM: 'Shop <noreply@example.com>',
  FRONTEND_URL: 'https://app.example.com',
  PUBLIC_URL: 'https://api.example.com',
  BACKEND_CORS_ORIGINS: 'https://app.example.com',
  TRUSTED_PROXIES: '10.0.0.1',
}

export const goodProduction = (env: NodeJS.ProcessEnv = {}): Settings => testSettings({ ...GOOD, ...env })

/** A good production. */
export const good: Row = () => ({})
/** One with other settings. */
export const given =
  (env: NodeJS.ProcessEnv): Row =>
  () => ({ env })
/** The same while developing, where nothing but the given is set. */
export const developing =
  (env: NodeJS.ProcessEnv = {}): Row =>
  () => ({
    env: { ...Object.fromEntries(Object.keys(GOOD).map((name) => [name, ''])), ENVIRONMENT: 'development', ...env },
    subject: { production: false },
  })
/** A good production on a database that was spoilt. */
export const onDatabase =
  (options: OwnDatabaseOptions, env: NodeJS.ProcessEnv = {}): Row =>
  async ({ undo }) => {
    const { engine } = undo.use(await ownDatabase(options))
    return { open: async () => engine, env }
  }
/** A good production with files in the project's folder. */
export const withFiles =
  (files: Record<string, { text: string; mode: number }>): Row =>
  ({ folder }) => {
    for (const [name, { text, mode }] of Object.entries(files)) {
      writeFileSync(join(folder, name), text)
      chmodSync(join(folder, name), mode)
    }
    return {}
  }

/** Makes a folder look like a project's. */
export function fillFolder(folder: string): void {
  mkdirSync(join(folder, 'var'))
  cpSync(join(root, 'migrations'), join(folder, 'migrations'), { recursive: true })
  symlinkSync(join(root, 'data'), join(folder, 'data'))
}
