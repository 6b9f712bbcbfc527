import { Histogram } from '../core/metrics/histogram.ts'
import type { Engine } from './engine.ts'

/** In the place of a database, for what can be asked of the application without one. */
export const NO_DATABASE: Engine = {
  kind: 'server',
  label: 'no database',
  pipelines: false,
  durations: new Histogram(),
  load: () => ({ used: 0, idle: 0, waiting: 0 }),
  connect: () => Promise.reject(new Error('There is no database here')),
  listen: () => Promise.resolve({ isCurrent: () => false, caughtUp: async () => {}, close: async () => {} }),
  close: async () => {},
}
