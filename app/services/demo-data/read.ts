import { readFile } from 'node:fs/promises'
import { DemoDataError } from './demo-data-error.ts'
import { type DemoFile, parseDemoData } from './parse.ts'

/** Reads a demo data file. @throws DemoDataError when it is not there, not JSON, or not an object. */
export async function readDemoFile(path: string): Promise<DemoFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new DemoDataError([error.code === 'ENOENT' ? `${path}: no such file` : `${path}: ${error.message}`])
  })
  try {
    return parseDemoData(JSON.parse(text.replace(/^\uFEFF/, '')))
  } catch (error) {
    // Node's message has line and column.
    if (error instanceof SyntaxError) throw new DemoDataError([`${path}: not JSON: ${error.message}`])
    throw error
  }
}
