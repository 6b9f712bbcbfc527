import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage<string>()

/** Runs `work`, and whatever it sets going, as a part of the request of that id: its log lines, jobs and activity have it. */
export const inRequest = <R>(request_id: string, work: () => R): R => current.run(request_id, work)

/** The id of the request, or of the run of a job, that this code runs for. */
export const currentRequestId = (): string | undefined => current.getStore()
