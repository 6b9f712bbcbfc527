import type { Faults } from './faults.ts'
import type { HistoryReferences } from './history-references.ts'
import type { Job } from './job.ts'
import type { DemoFile } from './parse.ts'

/** What the writers of history work with. */
export interface HistoryJob extends Pick<Job, 'db' | 'update' | 'advance'> {
  history: DemoFile['history']
  references: HistoryReferences
  /** Where the faults of the file are gathered. While there are any, nothing is written. */
  faults: Faults
}
