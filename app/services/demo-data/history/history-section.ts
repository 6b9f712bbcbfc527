import type { PgTable } from 'drizzle-orm/pg-core'
import type { z } from 'zod'
import type { HistoryName } from '../../../schemas/demo-data.ts'
import type { Faults } from '../faults.ts'
import type { HistoryReferences, Wanted } from './history-references.ts'
import type { Job } from '../job.ts'
import type { DemoFile } from '../parse.ts'

/** What the sections of history are loaded with. */
export interface HistoryJob extends Pick<Job, 'db' | 'update' | 'advance'> {
  history: DemoFile['history']
  references: HistoryReferences
  /** Where the faults of the file are gathered. While there are any, nothing is written. */
  faults: Faults
}

/** A row to be; what is undefined keeps its default or its value. */
export type Values = Record<string, unknown>

/** What differs between the sections of history. */
export interface HistorySection<T> {
  name: HistoryName
  schema: z.ZodType<T>
  table: PgTable
  /** What an item refers to. */
  wanted(item: T): Wanted
  /** The row of an item but for its uid. Adds a fault for each thing that it refers to and that is not there. */
  values(item: T, path: string, references: HistoryReferences): Values
  /** What only a new row gets. */
  initial?(item: T, path: string, references: HistoryReferences): Values
  /** Of a message: the record that it is about, if that is there, and the uid of the message that it answers. */
  thread?(item: T, values: Values): { thread: string | undefined; parent: string | null | undefined }
  /** Why a row that is there cannot take the values, with the field that says so. */
  conflict?(row: Values, values: Values): string | undefined
}
