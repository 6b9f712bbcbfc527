import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

const SKIPPED = ['node_modules', 'var', '.git']

/** What is below a folder: each folder, and each file with the sum of its content. Not what is installed, nor what runs leave in `var`. */
export function treeOf(folder: string): Record<string, string> {
  const found: [string, string][] = []
  const visit = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (SKIPPED.includes(entry.name)) continue
      const full = join(path, entry.name)
      found.push([relative(folder, full), entry.isDirectory() ? 'folder' : sumOf(full)])
      if (entry.isDirectory()) visit(full)
    }
  }
  visit(folder)
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const sumOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
