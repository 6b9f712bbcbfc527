import { randomUUID } from 'node:crypto'
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OperatorError } from './operator-error.ts'

/**
 * Writes a file, all of it or nothing: beside it first, then in its place. Without a pause, so that Ctrl-C comes before or
 * after. @throws OperatorError naming the path; what was there before is there still
 */
export function writeWholeFile(path: string, text: string): void {
  try {
    replace(targetOf(path), text)
  } catch (error) {
    throw new OperatorError(`Cannot write ${path}: ${reason(error)}`, { cause: error })
  }
}

/** The file itself where the path is a link. A device or a pipe would be replaced by a file, for everybody. */
function targetOf(path: string): string {
  const there = statSync(path, { throwIfNoEntry: false })
  if (!there) return path
  if (!there.isFile()) throw new Error(there.isDirectory() ? 'it is a folder' : 'it is no ordinary file')
  return realpathSync(path)
}

function replace(path: string, text: string): void {
  const unfinished = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
  try {
    writeFileSync(unfinished, text, { flag: 'wx' })
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EACCES: 'permission denied',
  EROFS: 'the disk cannot be written to',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return ('code' in error && REASONS[String(error.code)]) || error.message
}
