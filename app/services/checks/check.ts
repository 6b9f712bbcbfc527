import { isThisMachine } from '../../core/addresses.ts'
import type { Settings } from '../../core/config.ts'
import type { Migration } from '../../db/migration-files.ts'
import type { MigrationStatus } from '../../db/migrator.ts'
import type { CheckedDatabase } from './checked-database.ts'

/** From harmless to grave. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type Level = (typeof LEVELS)[number]

/** What a check may look at. What could not be had is undefined, and has a check of its own to say so. */
export interface Subject {
  settings: Settings
  /** Whether to judge by the rules of production: there, and with `--deploy`. */
  production: boolean
  /** How many processes serve side by side. */
  processes: number
  env: NodeJS.ProcessEnv
  /** The version of Node, and who runs it: 0 is root, undefined where systems have no such numbers. */
  node: string
  user_id: number | undefined
  database: CheckedDatabase | undefined
  /** Why there is no database. */
  unreachable?: string
  /** The folder's migrations. */
  migrations: Migration[] | undefined
  /** Why there are none. */
  unreadable?: string
  /** How they and the database compare. */
  status: MigrationStatus | undefined
}

/** A check: one file or part of a file, one of these. The id is for ever: people silence and look up checks by it. */
export interface Check {
  /** `area.E001`; the letter is the level */
  id: string
  /** What it looks for, in `docs/checks.md`. */
  about: string
  /** How to mend it. */
  hint: string
  /** Runs with `--deploy` only. */
  deploy?: true
  /** When a server starts: `told`, as it can serve all the same, or `left out`, where it would take long or the start says it. */
  start?: 'told' | 'left out'
  /** What is wrong, in one sentence without any secret; undefined when nothing is. */
  find(subject: Subject): Promise<string | undefined> | string | undefined
}

export const levelOf = ({ id }: Check): Level =>
  LEVELS.find((level) => level.startsWith(id.replace(/^.*\./, '').charAt(0))) ?? 'ERROR'

export const areaOf = ({ id }: Check): string => id.replace(/\..*$/, '')

/** The other machine that an address names, with its port; undefined for this one. Never the user or the password in it. */
export function otherMachine(address: string): string | undefined {
  const { hostname, host } = new URL(address)
  return isThisMachine(hostname) ? undefined : host
}

export const isMigrated = ({ status }: Subject): boolean => status?.pending.length === 0

/** The one text that a query about the database answers with; undefined without a database, and when there is none. */
export async function answerOf({ database }: Subject, text: string): Promise<string | undefined> {
  const [row] = (await database?.rows(text)) ?? []
  const found = row?.['answer']
  return typeof found === 'string' ? found : undefined
}
