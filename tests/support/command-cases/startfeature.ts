import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { manage } from '../command-line.ts'
import { copyProject } from '../project-copy.ts'
import { testSettings } from '../settings.ts'
import type { Call, CommandCase } from './case.ts'

const ARGV = ['startfeature', 'Invoice', 'number:string:20:unique', 'total:decimal:12,2']

/** A call in a copy of the project, which may be changed before. */
const inCopy =
  (change: (folder: string) => void = () => {}): Call =>
  async ({ folder }, more) => {
    await copyProject(folder)
    change(folder)
    return manage([...ARGV, ...more], { settings: { ...testSettings(), directory: folder } })
  }

const files = z.array(z.string()).min(5)

export const startfeatureCommand: Record<string, CommandCase> = {
  startfeature: {
    success: inCopy(),
    says: /^Created\n {2}app\/models\/invoice\.ts\n[^]+Changed\n[^]+Next\n {2}\.\/manage migrate\n {2}npm test -- tests\/integration\/api\/invoices\.test\.ts /,
    json: z.strictObject({ dry_run: z.literal(false), created: files, changed: files, next: z.array(z.string()) }),
    wrongUse: ['startfeature', 'Invoice', 'due_on:dat'],
    failure: inCopy((folder) => appendFileSync(join(folder, 'app/schemas/invoice.ts'), '')),
    because: /^Error: "Invoice" is taken: there is app\/schemas\/invoice\.ts\n$/,
  },
}
