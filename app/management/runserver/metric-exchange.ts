import cluster, { type Worker } from 'node:cluster'
import { type MetricMessage, isMetricMessage } from '../../core/metrics/siblings.ts'

/** How long the others are waited for. One that is busy for longer has a problem that its silence tells of. */
const PATIENCE_MS = 1000

interface Collection {
  waitingFor: Set<number>
  reports: unknown[]
  done: () => void
}

const collections = new Map<number, Collection>()
let collected = 0

/** Lets server processes ask each other for their metrics, by way of this one. */
export function exchangeMetrics(): void {
  if (!cluster.listeners('message').includes(hear)) cluster.on('message', hear)
}

function hear(worker: Worker, message: unknown): void {
  if (!isMetricMessage(message)) return
  if (message.metrics === 'ask') collect(worker, message.no)
  else if (message.metrics === 'reported') take(worker, message)
}

function collect(asker: Worker, no: number): void {
  const others = Object.values(cluster.workers ?? {}).filter((worker) => worker && worker.id !== asker.id)
  const waitingFor = new Set(others.flatMap((worker) => worker?.id ?? []))
  const reports: unknown[] = []
  const key = collected++
  const done = () => {
    clearTimeout(timer)
    if (collections.delete(key)) say(asker, { metrics: 'answer', no, reports, silent: waitingFor.size })
  }
  const timer = setTimeout(done, PATIENCE_MS)
  collections.set(key, { waitingFor, reports, done })
  for (const worker of others) if (worker) say(worker, { metrics: 'report', no: key })
  if (waitingFor.size === 0) done()
}

function take(worker: Worker, { no, report }: Extract<MetricMessage, { metrics: 'reported' }>): void {
  const collection = collections.get(no)
  if (!collection?.waitingFor.delete(worker.id)) return
  collection.reports.push(report)
  if (collection.waitingFor.size === 0) collection.done()
}

function say(worker: Worker, message: MetricMessage): void {
  if (worker.isConnected()) worker.send(message, () => {}) // it may be gone; unheard, the error would end us
}
