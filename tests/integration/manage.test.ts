import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../app/management/index.ts'
import { manage } from '../support/command-line.ts'
import { Running, serverFolder } from '../support/running.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'
import manifest from '../../package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '../..')

test.runIf(EMBEDDED)('./manage alone lists every command in its group', () => {
  const { status, stdout, stderr } = spawnSync('./manage', {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const sections = stdout.split('\n\n')
  for (const { name, group } of COMMANDS)
    expect(sections.find((section) => section.startsWith(`${group}:`))).toMatch(new RegExp(`^ {2}${name} `, 'm'))
})

test.runIf(EMBEDDED)('./manage passes the exit code on', () => {
  const { status, stderr } = spawnSync('./manage', ['showusers', '--limit'], { cwd: root, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/^error: option .* argument missing\n/),
  })
})

test.for([
  ['runsever', '\n(Did you mean runserver?)'],
  ['dromoteuser', '\n(Did you mean promoteuser?)'],
  ['omoteuser', '\n(Did you mean one of demoteuser, promoteuser?)'],
  ['completely-unlike', ''],
  ['Runserver', '\n(Did you mean runserver?)'],
  ['', ''],
])('%j is no command, and the nearest ones are named', async ([word, nearest]) => {
  const stderr = `error: unknown command '${word}'${nearest}\nSee ./manage --help\n`
  for (const argv of [[word], [word, '--help'], [word, 'x', '--json'], ['help', word]])
    expect(await manage(argv.map(String))).toEqual({ code: 2, stdout: '', stderr })
})

test('a misspelt flag is wrong use, and the nearest one is named', async () => {
  const stderr = `error: unknown option '--supersers'\n(Did you mean --superusers?)\nSee ./manage showusers --help\n`
  expect(await manage(['showusers', '--supersers'])).toEqual({ code: 2, stdout: '', stderr })
})

test('help is as in Django', async () => {
  const [alone, long, word] = await Promise.all([manage([]), manage(['--help']), manage(['help'])])
  expect(alone).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Usage: ./manage <command>') })
  expect([long, word]).toEqual([alone, alone])
  expect(await manage(['help', 'showusers'])).toEqual(await manage(['showusers', '--help']))
})

test.for(['--version', '-V'])('%s is the version', async (flag) => {
  expect(await manage([flag])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

test.runIf(EMBEDDED)(
  'the shell works beside a server that has the embedded database open, and holds it up no longer than a call',
  async () => {
    using place = serverFolder()
    copyBaselineFolder(place.database)
    await using server = new Running(['main.ts'], { env: place.env })
    const url = await server.url()
    const input = `await db.update(companies).set({ name: 'Renamed' })
    (await fetch('${url}/health/ready')).status
    (await db.select().from(companies))[0].name`
    const shell = spawnSync(process.execPath, ['manage.ts', 'shell'], {
      cwd: root,
      encoding: 'utf8',
      input,
      env: { ...process.env, ...place.env },
    })
    expect(shell).toMatchObject({ status: 0, stderr: '' })
    expect(shell.stdout).toMatch(/\n200\n'Renamed'\n$/)
  },
)
