import type { JobParts } from './job.ts'
import { JOBS } from './registry.ts'
import { JobWorker } from './worker.ts'

/** Does the jobs of this installation in this process, beside whatever other processes do. */
export const startJobs = (parts: JobParts): JobWorker => new JobWorker(parts, JOBS)
