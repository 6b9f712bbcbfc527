import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'

/** An empty folder of a test's own. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'fastvue-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** An embedded database's folder with the baseline in it, at `path`. */
export function copyBaselineFolder(path: string): void {
  cpSync(inject('folder'), path, { recursive: true })
}
