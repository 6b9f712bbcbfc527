import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { type Logger, destination, multistream, pino } from 'pino'
import { build as prettyStream } from 'pino-pretty'
import { type Settings, SettingsError } from './config.ts'

export interface Logs {
  logger: Logger
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
export function openLogs(settings: Settings): Logs {
  const path = join(settings.LOG_DIR, 'fastvue.log')
  demandWritable(settings.LOG_DIR, path)
  // Written straight to the file: a worker thread costs more than it takes off this one.
  const file = destination({ dest: path, minLength: 4096, sync: false })
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
    reopen: () => file.reopen(),
    flush: () => {
      clearInterval(timer)
      try {
        file.flushSync()
      } catch {
        // not open yet: nothing was written
      }
    },
  }
}

// Pino opens it later, when nobody waits for the answer any more.
function demandWritable(folder: string, path: string): void {
  try {
    mkdirSync(folder, { recursive: true })
    closeSync(openSync(path, 'a'))
  } catch (error) {
    throw new SettingsError([`LOG_DIR: cannot write ${path}: ${(error as Error).message}`])
  }
}

const pretty = () => prettyStream({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true })
