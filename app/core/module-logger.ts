import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyBaseLogger as Logger } from 'fastify'
import { pino } from 'pino'
import type { LogLevels } from './log-levels.ts'

type LogMethod = (fields: object | string, message?: string) => void
export type ModuleLogger = Record<'debug' | 'info' | 'warn' | 'error', LogMethod>

const project = resolve(import.meta.dirname, '../..')

/** Where lines go. Commands open no log: what they must not keep to themselves goes to their terminal. */
let root: { logger: Logger; levels?: LogLevels } = { logger: pino({ level: 'warn', base: null }, pino.destination(2)) }

/** Tells all module loggers where to write. */
export function useLogger(logger: Logger, levels: LogLevels): void {
  root = { logger, levels }
}

/**
 * The logger of a module, as Python's `logging.getLogger(__name__)`: `const logger = getLogger(import.meta.url)`. Its lines
 * name the module, and `LOG_LEVELS` sets its level. What a line tells is never a password, a token or a person's data.
 * @param module the module's own address, or a dotted name
 */
export function getLogger(module: string): ModuleLogger {
  const name = moduleName(module)
  let made = root
  let logger: Logger | undefined
  const current = (): Logger => {
    if (logger && made === root) return logger
    made = root
    return (logger = root.levels?.logger(root.logger, name) ?? root.logger.child({ module: name }))
  }
  const method =
    (level: keyof ModuleLogger): LogMethod =>
    (fields, message) =>
      typeof fields === 'string' ? current()[level](fields) : current()[level](fields, message)
  return { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') }
}

/** `app.services.inbox.deliver` of the file's address. */
export function moduleName(module: string): string {
  if (!module.startsWith('file:')) return module
  return relative(project, fileURLToPath(module))
    .replace(/\.ts$/, '')
    .replace(/\/index$/, '')
    .split(sep)
    .join('.')
}
