import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { type Logger, destination, multistream, pino } from 'pino'
import { build as prettyStream } from 'pino-pretty'
import { type Settings, SettingsError } from './config.ts'

export interface Logs {
  logger: Logger
  /** Writes to the file alone: what the terminal is told in another way. */
  file: Logger
  /** Opens the files anew, for log rotation. */
  reopen(): void
  /** Writes what is still in memory. */
  flush(): void
}

const LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const

/**
 * JSON lines in `fastvue.log` in the log folder and, in development, readable lines on the terminal. Every value is
 * written as JSON, so no input can forge a line.
 * @throws SettingsError when the file cannot be written
 */
export async function openLogs(settings: Settings): Promise<Logs> {
  const file = await openFile(settings.LOG_DIR)
  const timer = setInterval(() => file.flush(), 1000).unref()
  const level = LEVELS[settings.LOG_LEVEL]
  const terminal = settings.ENVIRONMENT === 'development' && process.stdout.isTTY ? [{ level, stream: pretty() }] : []
  const stream = terminal.length ? multistream([{ level, stream: file }, ...terminal]) : file
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return {
    logger: pino(options, stream),
    file: pino(options, file),
    reopen: () => file.reopen(),
    flush: () => {
      clearInterval(timer)
      file.flushSync()
    },
  }
}

async function openFile(folder: string) {
  const path = join(folder, 'fastvue.log')
  try {
    mkdirSync(folder, { recursive: true })
    closeSync(openSync(path, 'a')) // pino would complain once more, with a stack, at the end of the process
    // Written straight to the file: a worker thread costs more than it takes off this one.
    const file = destination({ dest: path, minLength: 4096, sync: false })
    await once(file, 'ready') // a process that ended before would do so with a stack too
    return file
  } catch (error) {
    throw new SettingsError([`LOG_DIR: cannot write ${path}: ${(error as Error).message}`])
  }
}

const pretty = () => prettyStream({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true })
