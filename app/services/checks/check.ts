import type { Settings } from '../../core/config.ts'
import type { Engine } from '../../db/engine.ts'
import type { MigrationStatus } from '../../db/migrator.ts'

/** From harmless to grave. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type Level = (typeof LEVELS)[number]

/** What a check may look at. What could not be had is undefined, and has a check of its own to say so. */
export interface Subject {
  settings: Settings
  /** Whether to judge by the rules of production: there, and with `--deploy`. */
  production: boolean
  engine: Engine | undefined
  /** Why there is no engine. */
  unreachable: string | undefined
  migrations: MigrationStatus | undefined
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
  /** What is wrong, in one sentence without any secret; undefined when nothing is. */
  find(subject: Subject): Promise<string | undefined> | string | undefined
}

export const levelOf = ({ id }: Check): Level =>
  LEVELS.find((level) => level.startsWith(id.replace(/^.*\./, '').charAt(0))) ?? 'ERROR'
