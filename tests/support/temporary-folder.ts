import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test as base, inject } from 'vitest'

/** An empty folder of a test's own. It lies in the folder of the run, so that what a killed test leaves goes with that. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(dirname(inject('folder')), 'test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Vitest's `test` with a folder of the test's own, for tests that need no database; `fixtures.ts` has it too. */
export const test = base.extend('folder', ({}, { onCleanup }) => {
  const { path, remove } = temporaryFolder()
  onCleanup(remove)
  return path
})

/** An embedded database's folder with the baseline in it, at `path`. */
export function copyBaselineFolder(path: string): void {
  cpSync(inject('folder'), path, { recursive: true })
}
