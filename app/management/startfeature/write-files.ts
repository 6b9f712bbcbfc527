import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CommandError } from '../command-error.ts'

/** A file of the project as it is to be. */
export interface PlannedFile {
  /** Below the project's folder. */
  path: string
  text: string
  /** What it is now; undefined for a new file. */
  before?: string
}

/**
 * Writes all of the files or none. First everything that takes room and rights, beside the files; then each is renamed into
 * place, new ones first, so that nothing refers to what is not there yet. It runs in one go, which no signal comes into.
 * @throws CommandError when a file is in the way, has changed meanwhile, or cannot be written
 */
export function writeFiles(root: string, files: PlannedFile[]): void {
  const undo: (() => void)[] = []
  const ordered = files.toSorted((a, b) => Number(a.before !== undefined) - Number(b.before !== undefined))
  let current = ''
  try {
    for (const file of ordered) {
      current = file.path
      demandUnchanged(root, file)
      prepare(root, file, undo)
    }
    for (const file of ordered) {
      current = file.path
      const { path, fresh, old } = placesOf(root, file.path)
      renameSync(fresh, path)
      undo.push(() => (file.before === undefined ? rmSync(path) : renameSync(old, path)))
    }
  } catch (error) {
    for (const step of undo.toReversed()) attempt(step)
    if (error instanceof CommandError || !(error instanceof Error && 'code' in error)) throw error
    throw new CommandError(`${current} cannot be written (${String(error.code)}); nothing was changed`, {
      cause: error,
    })
  }
  for (const { path } of ordered) attempt(() => rmSync(placesOf(root, path).old, { force: true }))
}

/** @throws CommandError */
function demandUnchanged(root: string, { path, before }: PlannedFile): void {
  if (before === undefined && existsSync(join(root, path))) throw new CommandError(`${path} is there already`)
  if (before !== undefined && readFileSync(join(root, path), 'utf8') !== before)
    throw new CommandError(`${path} has changed meanwhile; run the command again`)
}

/** Writes a file beside its place and, where it replaces one, keeps that one beside it too. */
function prepare(root: string, file: PlannedFile, undo: (() => void)[]): void {
  const { path, fresh, old } = placesOf(root, file.path)
  const made = mkdirSync(dirname(path), { recursive: true })
  if (made) undo.push(() => rmSync(made, { recursive: true }))
  undo.push(() => rmSync(fresh, { force: true }))
  writeFileSync(fresh, file.text)
  if (file.before === undefined) return
  undo.push(() => rmSync(old, { force: true }))
  copyFileSync(path, old)
  chmodSync(fresh, statSync(path).mode)
}

function placesOf(root: string, relative: string) {
  const path = join(root, relative)
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}`)
  return { path, fresh: `${beside}.new`, old: `${beside}.old` }
}

/** One step back that fails must not keep the others from being taken. */
function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // What is left is a file that nothing refers to.
  }
}
