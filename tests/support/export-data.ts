import type { Settings } from '../../app/core/config.ts'
import type { Engine } from '../../app/db/engine.ts'
import { manage } from './command-line.ts'

/** Exports to standard output by the command. @returns the file's text, what it has, and what the warnings say */
export async function exportData(engine: Engine, flags: string[] = [], settings?: Settings) {
  const { code, stdout, stderr } = await manage(['export-data', '--file', '-', ...flags], { engine, settings })
  if (code !== 0) throw new Error(`export-data failed: ${stderr}`)
  const data: Record<string, Record<string, unknown>[]> = JSON.parse(stdout)
  const warnings = [...stderr.matchAll(/^Warning: (.+)$/gm)].map(([, line]) => line)
  return { text: stdout, data, warnings }
}
