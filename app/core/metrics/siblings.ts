import cluster from 'node:cluster'
import { inTime } from '../in-time.ts'
import type { MetricReport } from './report.ts'

/** What a server process says to the one that started it, and hears from it, about metrics. `no` numbers the questions. */
export type MetricMessage =
  | { metrics: 'ask'; no: number } // to the parent: what do the others report?
  | { metrics: 'report'; no: number } // from the parent: another one asks
  | { metrics: 'reported'; no: number; report: unknown } // to the parent
  | { metrics: 'answer'; no: number; reports: unknown[]; silent: number } // from the parent

export const isMetricMessage = (message: unknown): message is MetricMessage =>
  typeof message === 'object' && message !== null && 'metrics' in message

/** What the other processes of a server report, and how many of them did not. */
export interface SiblingReports {
  reports: MetricReport[][]
  silent: number
}

/** Longer than the parent waits for the others. */
const PATIENCE_MS = 3000
const ALONE: SiblingReports = { reports: [], silent: 0 }

/** The other processes of this server: tells them what this one has counted, and asks them for the same. */
export class Siblings {
  readonly #report: () => Promise<MetricReport[]>
  readonly #asked = new Map<number, (answer: SiblingReports) => void>()
  #no = 0

  constructor(report: () => Promise<MetricReport[]>) {
    this.#report = report
  }

  listen(): void {
    if (cluster.isWorker) process.on('message', this.#hear)
  }

  close(): void {
    process.off('message', this.#hear)
  }

  /** A process that does not answer in time is left out. Never fails, and never takes longer than some seconds. */
  async ask(): Promise<SiblingReports> {
    if (!cluster.isWorker || !process.connected) return ALONE
    const no = this.#no++
    const answer = new Promise<SiblingReports>((resolve) => this.#asked.set(no, resolve))
    this.#say({ metrics: 'ask', no })
    try {
      return await inTime(answer, PATIENCE_MS, new Error('no answer'))
    } catch {
      return ALONE
    } finally {
      this.#asked.delete(no)
    }
  }

  readonly #hear = (message: unknown): void => {
    if (!isMetricMessage(message)) return
    const { no } = message
    if (message.metrics === 'answer')
      this.#asked.get(no)?.({ reports: message.reports as MetricReport[][], silent: message.silent })
    else if (message.metrics === 'report')
      this.#report().then(
        (report) => this.#say({ metrics: 'reported', no, report }),
        () => {}, // counts as silent
      )
  }

  #say(message: MetricMessage): void {
    process.send?.(message, () => {}) // the parent may be gone; unheard, the error would end us
  }
}
