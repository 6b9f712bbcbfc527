import type { Settings } from './config.ts'

/** What the settings call the levels, and pino. */
export const LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'fatal' } as const

/** The other way round: what a line says of itself. */
export const LEVEL_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(LEVELS).map(([name, level]) => [level, name]),
)

export type Level = (typeof LEVELS)[keyof typeof LEVELS]
type Given = Pick<Settings, 'LOG_LEVEL' | 'LOG_LEVELS'>

interface LevelledLogger {
  child(bindings: { module: string }, options?: { level: Level }): this
}

/** The levels of modules, which are files and folders by their dotted names: `app.services.inbox`. */
export class LogLevels {
  readonly #usual: Level
  readonly #given: Map<string, Level>

  constructor({ LOG_LEVEL, LOG_LEVELS }: Given) {
    this.#usual = LEVELS[LOG_LEVEL]
    this.#given = new Map(
      LOG_LEVELS.map((entry) => {
        const [module = '', level = ''] = entry.split('=')
        return [spelled(module), LEVELS[level as keyof typeof LEVELS]]
      }),
    )
  }

  /** The level given for the module or, failing that, for the nearest folder above it. */
  of(module: string): Level {
    return this.#ofGiven(module) ?? this.#usual
  }

  /** A logger that names its module in each line, at the level that is given for it. */
  logger<L extends LevelledLogger>(logger: L, module: string): L {
    const level = this.#ofGiven(module)
    return level ? logger.child({ module }, { level }) : logger.child({ module })
  }

  #ofGiven(module: string): Level | undefined {
    for (let name = spelled(module); name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
      const level = this.#given.get(name)
      if (level) return level
    }
    return undefined
  }
}

/** `activity_log` is who comes from Python's name of `activity-log`. */
const spelled = (module: string) => module.replaceAll('_', '-')
