import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../app/management/index.ts'
import { manage } from '../support/command-line.ts'
import { Running, serverPlace } from '../support/running.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')

test('./manage alone lists every command in its group', () => {
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

test('./manage passes the exit code on', () => {
  const { status, stderr } = spawnSync('./manage', ['showusers', '--limit'], { cwd: root, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/^error: option .* argument missing\n/),
  })
})

test('an unknown command is wrong use, and the nearest one is named', async () => {
  const { code, stdout, stderr } = await manage(['runsever'])
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: "error: unknown command 'runsever'\n(Did you mean runserver?)\n",
  })
})

test('the shell works beside a server that has the embedded database open, and holds it up no longer than a call', async () => {
  using place = serverPlace()
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
})
