import { existsSync, mkdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { openEmbedded } from '../../app/db/embedded.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'
import { HARMFUL } from '../support/harmful-names.ts'
import { serverFolder } from '../support/running.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { type TypeAndTab, bash, fish, hasShell, zsh } from '../support/shells.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const project = resolve(import.meta.dirname, '../..')
const SHELLS: ['bash' | 'zsh' | 'fish', TypeAndTab][] = [
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]

// A database with people in it, some of them with names that no rule would let in.
const test = base.extend('place', async ({}, { onCleanup }) => {
  const { env, path: folder, database, [Symbol.dispose]: remove } = serverFolder()
  copyBaselineFolder(database)
  const engine = await openEmbedded(database) // and kept open: it is quicker to reach it here than to open it each time
  onCleanup(() => engine.close().then(remove))
  const connection = await engine.connect()
  for (const [n, name] of ['evil-ok', ...HARMFUL].entries())
    await connection.query({ text: `INSERT INTO users (username, email, password_hash) VALUES ($1, $2, '')` }, [
      name,
      `${n}@example.com`,
    ])
  connection.release()
  return { env, folder, project }
})

// Each Tab is a process, on machines that do much else at the same time.
const PATIENT = { timeout: 240_000 }

/** A project's path as it may be typed. */
const far = relative('/', project)

describe.runIf(EMBEDDED).for(SHELLS.filter(([name]) => hasShell(name)))('in a real %s, Tab', ([, typeAndTab]) => {
  test('finishes commands, flags and values, by whatever path the program is called', PATIENT, async ({ place }) => {
    const lines = [
      ['./manage createsu', './manage createsuperuser '],
      ['./manage help showu', './manage help showusers '],
      ['./manage promoteuser --fo', './manage promoteuser --force '],
      ['./manage check --fail-level C', './manage check --fail-level CRITICAL '],
      ['./manage check --fail-level=C', './manage check --fail-level=CRITICAL '],
      ['./manage changepassword mana', './manage changepassword manager '],
      ['./manage sqlmigrate 0001', './manage sqlmigrate 0001_initial '],
      ['./manage load-data --file mig', './manage load-data --file migrations/'],
      ['./manage load-data --file=mig', './manage load-data --file=migrations/'],
      [`${project}/manage createsu`, `${project}/manage createsuperuser `],
      [`/../${far}/manage createsu`, `/../${far}/manage createsuperuser `],
      ['~/manage createsu', '~/manage createsuperuser '],
      ['true && ./manage createsu', 'true && ./manage createsuperuser '],
    ]
    const typed = lines.map(([text = '']) => text)
    const atHome = { ...place, env: { ...place.env, HOME: project } }
    expect(await typeAndTab(atHome, typed)).toEqual(lines.map(([, line]) => line))
  })

  test('runs nothing: neither a name in the database nor what is being typed', PATIENT, async ({ place }) => {
    mkdirSync(join(place.folder, 'typed'))
    const pwned = join(place.folder, 'PWNED')
    const typed = [
      './manage changepassword evil',
      `./manage changepassword $(touch ${pwned})`,
      `./manage changepassword "\`touch ${pwned}\``,
      `./manage changepassword ';touch ${pwned};`,
      `./manage $(touch ${pwned}) e`,
    ]
    const [named, ...others] = await typeAndTab(place, typed)
    expect(named).toBe('./manage changepassword evil-ok ')
    expect(others).toEqual(typed.slice(1))
    expect([pwned, join(project, 'PWNED')].filter((file) => existsSync(file))).toEqual([])
  })

  test('asks no other program of that name', PATIENT, async ({ place }) => {
    expect(await typeAndTab(place, ['/bin/manage createsu', '/nowhere/manage createsu'])).toEqual([
      '/bin/manage createsu',
      '/nowhere/manage createsu',
    ])
  })
})

// Where a shell is not there to be asked, its script is at least looked at.
test.for(SHELLS)(
  'the script for %s quotes what it passes on, evaluates nothing and says how to use it',
  async ([name]) => {
    const { code, stdout } = await manage(['completion', name])
    const calls = stdout.split('\n').filter((line) => line.includes(' complete -- '))
    expect({ code, calls: calls.length }).toEqual({ code: 0, calls: 1 })
    expect(calls[0]).toMatch(/\$"?program"? complete -- .+ 2> \/dev\/null < \/dev\/null/)
    expect(calls[0]).toMatch(
      { bash: /"\$\{words\[@\]:1\}"/, zsh: /"\$\{\(@Q\)words.+" "\$\{\(Q\)PREFIX\}"/, fish: /"\$current"/ }[name],
    )
    expect(stdout).not.toMatch(/\beval\b/)
    expect(stdout).toMatch(new RegExp(`^# In this shell: .*\\./manage completion ${name}`, 'm'))
    expect(stdout).toMatch(new RegExp(`^# In every new shell: +\\./manage completion ${name} > `, 'm'))
  },
)
