import cluster from 'node:cluster'

/** Names the variable that tells a server process how many of them serve side by side. */
export const PROCESSES = 'FASTVUE_PROCESSES'

export const processesSideBySide = (): number => Number(process.env[PROCESSES] ?? 1)

/** Whether another process has begun before, and has said what there was to say: the first begins alone. */
export const isLaterWorker = (): boolean => processesSideBySide() > 1 && (cluster.worker?.id ?? 1) > 1
