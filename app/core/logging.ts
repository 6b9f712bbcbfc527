import { join } from 'node:path'
import { type Logger, levels, multistream, pino } from 'pino'
import { build as prettyStream } from 'pino-pretty'
import { type Settings, SettingsError } from './config.ts'
import { currentRequestId } from './current-request.ts'
import { LogFile } from './log-file.ts'
import { LEVELS, LEVEL_NAMES, LogLevels } from './log-levels.ts'
import { useLogger } from './module-logger.ts'

export interface Logs {
  /** What happens: `fastvue.log` and, in development, the terminal. */
  logger: Logger
  /** Writes to that file alone: what the terminal is told in another way. */
  file: Logger
  /** Who was refused, and what looked like an attack: `security.log`. */
  security: Logger
  /** Opens the files anew, for log rotation. */
  reopen(): void
  /** Writes what is still in memory. */
  close(): void
}

/**
 * JSON lines in the log folder and, in development, readable lines on the terminal. Every value is written as JSON, so no
 * input can forge a line. From then on `getLogger` writes there, too.
 * @param more fields of every line, as of the moment
 * @throws SettingsError when a file cannot be written
 */
export function openLogs(settings: Settings, more: () => object | undefined = () => undefined): Logs {
  const file = openFile(settings.LOG_DIR, 'fastvue.log')
  const securityFile = openFile(settings.LOG_DIR, 'security.log')
  const onTerminal = settings.ENVIRONMENT === 'development' && process.stdout.isTTY
  const level = 'debug' // whether a line is written is its logger's to say
  const stream = onTerminal ? multistream([file, pretty()].map((each) => ({ level, stream: each }))) : file
  const logger = pino(optionsAt(LEVELS[settings.LOG_LEVEL], more), stream)
  useLogger(logger, new LogLevels(settings))
  return {
    logger,
    file: pino(optionsAt(logger.level, more), file),
    security: pino(optionsAt('info', more), securityFile),
    reopen() {
      file.reopen()
      securityFile.reopen()
    },
    close() {
      file.close()
      securityFile.close()
    },
  }
}

const optionsAt = (level: string, more: () => object | undefined) => ({
  level,
  base: null,
  timestamp,
  formatters: { level: (label: string) => ({ level: LEVEL_NAMES[label] ?? label }) },
  mixin: () => {
    const request_id = currentRequestId()
    return request_id === undefined ? {} : { request_id, ...more() }
  },
})

let moment = 0
let momentText = ''

/** The time in a line. Under load many lines are of one millisecond, whose text is made once. */
function timestamp(): string {
  const now = Date.now()
  if (now !== moment) {
    moment = now
    momentText = `,"time":"${new Date(now).toISOString()}"`
  }
  return momentText
}

function openFile(folder: string, name: string): LogFile {
  const path = join(folder, name)
  try {
    return new LogFile(path, (line) => process.stderr.write(`Warning: ${line}\n`))
  } catch (error) {
    throw new SettingsError([`LOG_DIR: cannot write ${path}: ${(error as Error).message}`])
  }
}

const pretty = () =>
  prettyStream({
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    customLevels: { ...levels.values, warning: levels.values['warn'], critical: levels.values['fatal'] },
    sync: true,
  })
