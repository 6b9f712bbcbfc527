import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process has this folder's database open. */
export class FolderInUse extends Error {
  readonly pid: string
  constructor(folder: string, pid: string) {
    super(`${folder} is in use by process ${pid}`)
    this.pid = pid
  }
}

/**
 * Takes a folder for this process alone, until `release` or the end of the process. Two processes on one embedded
 * database destroy it. Node has no file locks of its own; SQLite's are the operating system's, so a lock cannot outlive
 * its process, not even a killed one, and there is nothing stale to clean up.
 * @throws FolderInUse
 */
export function lockFolder(folder: string): { release(): void } {
  const lock = new DatabaseSync(join(folder, 'lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new FolderInUse(folder, lastHolder(folder) || 'unknown')
  }
  writeFileSync(join(folder, 'pid'), String(process.pid))
  return { release: () => lock.close() }
}

/** Id of the process that has a folder or had it last; empty where none had. */
export const lastHolder = (folder: string): string =>
  readFileSync(join(folder, 'pid'), { encoding: 'utf8', flag: 'a+' })
