import type { LogIn } from '../services/demo-data/log-ins.ts'
import { addressOptions, withAddress } from './address-options.ts'
import type { ManagementCommand } from './command.ts'
import { sayLogIns } from './load-demo-file.ts'
import { DEMO_FILE, prepareDatabase } from './start/prepare-database.ts'
import { openForServer } from './start/open-for-server.ts'
import type { Terminal } from './terminal.ts'

/** One process from an empty folder to a server. It does not watch the code: that would cost a second process and a second. */
export const start: ManagementCommand = {
  name: 'start',
  group: 'Server',
  serves: true,
  summary: 'Make and fill the database where needed, then serve (npm start)',
  example: './manage start',
  configure: addressOptions,
  async run({ settings: given, options, terminal }) {
    const settings = withAddress(given, options)
    const production = settings.ENVIRONMENT === 'production'
    terminal.say(terminal.paint('bold', `FastVue ${settings.VERSION} (${settings.ENVIRONMENT})`))
    if (production)
      terminal.say('In production nothing is created, migrated or loaded: ./manage migrate, ./manage initdb')
    const { serve } = await import('../serve.ts') // a third of a second that only servers should pay
    const engine = await openForServer(settings, terminal)
    const logIns = production ? [] : await prepareDatabase(engine, settings, terminal)
    await serve(settings, engine, (url, warnings) => {
      for (const warning of warnings) terminal.warn(warning)
      terminal.say(`\nReady in ${seconds(performance.now())}: ${terminal.paint('bold', url)} (Ctrl-C stops)`)
      if (!production) sayWhatNext(terminal, url, logIns)
      if (terminal.json) terminal.show({ url, log_ins: logIns }, () => '')
    })
    terminal.say('Stopped')
  },
}

function sayWhatNext(terminal: Terminal, url: string, logIns: LogIn[]): void {
  const [first] = logIns
  if (first) sayLogIns(terminal, logIns)
  else terminal.say(`The demo log-ins are in ${DEMO_FILE}`)
  terminal.say('\nNext, in another terminal:')
  terminal.say(first ? `  ${logInCommand(url, first)}` : '  ./manage createsuperuser')
  terminal.say('  ./manage showusers')
  terminal.say('  ./manage shell')
  terminal.say(`\nThe API's documentation: ${url}/api/v1/docs`)
}

const logInCommand = (url: string, { username, password }: LogIn) =>
  `curl ${url}/api/v1/auth/login --json '${JSON.stringify({ username, password })}'`

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
