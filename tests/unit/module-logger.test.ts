import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { LogLevels } from '../../app/core/log-levels.ts'
import { getLogger, moduleName, useLogger } from '../../app/core/module-logger.ts'
import { logInMemory } from '../support/own-app.ts'
import { testSettings } from '../support/settings.ts'

const levels = (LOG_LEVELS: string, LOG_LEVEL = 'INFO') => new LogLevels(testSettings({ LOG_LEVELS, LOG_LEVEL }))

describe('the level of a module', () => {
  const given = levels('app.services.inbox=DEBUG,app.services=ERROR,app.api.v1.activity_logs=WARNING')

  test.for([
    ['app.services.inbox', 'debug'],
    ['app.services.inbox.deliver', 'debug'],
    ['app.services.inbox-rules', 'error'],
    ['app.services', 'error'],
    ['app.servicesmith', 'info'],
    ['app.api.v1.activity-logs.:id', 'warn'],
    ['app', 'info'],
    ['', 'info'],
  ] as const)('%s is %s', ([module, level]) => expect(given.of(module)).toBe(level))

  test.for(['app.services', 'app.services=LOUD', 'app..x=INFO', '=INFO', 'app.x=DEBUG=INFO'])(
    '%s is no way to say it',
    (LOG_LEVELS) => expect(() => levels(LOG_LEVELS)).toThrow(/LOG_LEVELS: expected MODULE=LEVEL/),
  )
})

describe('a module logger', () => {
  test('is named after its file', () => {
    const nameOf = (path: string) => moduleName(pathToFileURL(resolve(import.meta.dirname, '../..', path)).href)
    expect(nameOf('app/services/inbox/deliver.ts')).toBe('app.services.inbox.deliver')
    expect(nameOf('app/services/checks/index.ts')).toBe('app.services.checks')
  })

  test('writes to the log that is open, at the level of its module', () => {
    const [quiet, loud] = [getLogger('shop.till'), getLogger('shop.stock')]
    const first = logInMemory(testSettings())
    useLogger(first.logger, levels('shop.stock=DEBUG'))
    quiet.debug('not said')
    quiet.warn({ till: 4 }, 'said')
    loud.debug('said, too')
    const second = logInMemory(testSettings())
    useLogger(second.logger, levels(''))
    loud.debug('no longer said')
    loud.error('elsewhere')
    expect(first.lines()).toMatchObject([
      { msg: 'said', till: 4, module: 'shop.till' },
      { msg: 'said, too', module: 'shop.stock' },
    ])
    expect(second.lines()).toMatchObject([{ msg: 'elsewhere' }])
  })
})
