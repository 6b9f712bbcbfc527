import { join } from 'node:path'
import { type Logger, multistream, pino } from 'pino'
import { build as prettyStream } from 'pino-pretty'
import { type Settings, SettingsError } from './config.ts'
import { LogFile } from './log-file.ts'

export interface Logs {
  logger: Logger
  /** Writes to the file alone: what the terminal is told in another way. */
  file: Logger
  /** Opens the files anew, for log rotation. */
  reopen(): void
  /** Writes what is still in memory. */
  close(): void
}

const LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const

/**
 * JSON lines in `fastvue.log` in the log folder and, in development, readable lines on the terminal. Every value is
 * written as JSON, so no input can forge a line.
 * @throws SettingsError when the file cannot be written
 */
export function openLogs(settings: Settings): Logs {
  const file = openFile(settings.LOG_DIR)
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
    close: () => file.close(),
  }
}

function openFile(folder: string): LogFile {
  const path = join(folder, 'fastvue.log')
  try {
    return new LogFile(path, (line) => process.stderr.write(`Warning: ${line}\n`))
  } catch (error) {
    throw new SettingsError([`LOG_DIR: cannot write ${path}: ${(error as Error).message}`])
  }
}

const pretty = () => prettyStream({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true })
