import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outcome } from '../support/command-cases/case.ts'
import { GuideProject } from '../support/guide-project.ts'
import { SERVER_URL, maintain } from '../support/server-databases.ts'

type Engine = 'embedded' | 'PostgreSQL'

/** A line of the guide's "Management Commands", and what it must have done. */
interface Row {
  line: string
  /** It asks: the answers. */
  answers?: (project: GuideProject) => [question: string, answer: string][]
  /** What is typed at the prompt that it opens. */
  stdin?: string
  check: (outcome: Outcome, project: GuideProject) => void | Promise<void>
  /** Where it is another thing on the other engine. */
  on?: Engine
}

/** A line that serves until Ctrl-C: what it says then. */
interface ServingRow {
  line: string
  serves: RegExp
  on?: Engine
}

const SUPERUSERS = `(await db.select().from(User).where(eq(User.is_superuser, true)).orderBy(User.id)).map((user) => user.username)`
const PRODUCTS = '(await db.select().from(products)).length'
const PASSWORD = 'correct horse battery'

const says =
  (pattern: RegExp) =>
  (outcome: Outcome): void => {
    expect(outcome).toMatchObject({ code: 0 })
    expect(outcome.stdout).toMatch(pattern)
  }

const ROWS: (Row | ServingRow)[] = [
  {
    line: './manage createsuperuser',
    answers: () => [
      ['Username', 'root'],
      ['Email address', 'root@example.com'],
      ['Password', PASSWORD],
      ['again', PASSWORD],
    ],
    check: async (outcome, project) => {
      says(/^Superuser root <root@example.com> created/)(outcome)
      expect(await project.value(SUPERUSERS)).toEqual(['root'])
    },
  },
  {
    line: './manage createsuperuser -u admin -e admin@example.com --no-input -p secretpass',
    check: says(/^Superuser admin <admin@example.com> created/),
  },
  {
    line: './manage showusers',
    check: says(/│ username [^]*│ root [^]*│ admin /),
  },
  {
    line: './manage showusers --superusers  # Only superusers',
    check: (outcome) => {
      says(/│ root [^]*│ admin /)(outcome)
      expect(outcome.stdout).not.toContain('username@example.com')
    },
  },
  {
    line: './manage changepassword username',
    answers: () => [
      ['Password', PASSWORD],
      ['again', PASSWORD],
    ],
    check: async (outcome, project) => {
      says(/Password of username changed/)(outcome)
      const hash = `(await db.select().from(User).where(eq(User.username, 'username')))[0].password_hash`
      expect(await project.value(hash)).toMatch(/^\$argon2id\$/)
    },
  },
  {
    line: './manage promoteuser username',
    answers: () => [['Make username', 'y']],
    check: async (outcome, project) => {
      says(/username is a superuser now\n$/)(outcome)
      expect(await project.value(SUPERUSERS)).toEqual(['username', 'root', 'admin'])
    },
  },
  {
    line: './manage demoteuser username',
    answers: () => [['from username', 'y']],
    check: async (outcome, project) => {
      says(/username is no longer a superuser\n$/)(outcome)
      expect(await project.value(SUPERUSERS)).toEqual(['root', 'admin'])
    },
  },
  {
    line: './manage createdb',
    check: (outcome, project) => says(new RegExp(`^Database "${project.database}" exists already`))(outcome),
  },
  {
    line: './manage createdb --name mydb --owner postgres --encoding UTF8',
    check: async (outcome, project) => {
      says(/^Created database "mydb" \(owner postgres, encoding UTF8/)(outcome)
      if (!project.onServer) return expect(existsSync(join(project.folder, '..', 'mydb'))).toBe(true)
      const facts = `select pg_get_userbyid(datdba) || ' ' || pg_encoding_to_char(encoding) from pg_database where datname = 'mydb'`
      expect(await maintain(facts)).toEqual(['postgres UTF8'])
    },
  },
  {
    line: './manage dropdb',
    answers: ({ database }) => [[`Type the database's name (${database})`, database]],
    check: (outcome, project) => says(new RegExp(`Dropped database "${project.database}"`))(outcome),
  },
  {
    line: './manage dropdb --force',
    check: says(/^There is no database /),
  },
  {
    line: './manage resetdb',
    check: async (outcome, project) => {
      says(/There was no [^]*Created [^]*Migrated: [^]*Permissions/)(outcome)
      expect(await project.value('(await db.select().from(Company)).map((company) => company.code)')).toEqual([
        'DEFAULT',
      ])
    },
  },
  {
    line: './manage resetdb --force --sample-data',
    check: async (outcome, project) => {
      says(/Dropped [^]*Created [^]*Migrated: [^]*Sample data loaded/)(outcome)
      expect(await project.value(PRODUCTS)).toBe(200)
    },
  },
  {
    line: './manage initdb',
    check: says(/Permissions, system roles and the default company are in place\n$/),
  },
  {
    line: './manage initdb --sample-data',
    check: async (outcome, project) => {
      says(/are in place/)(outcome)
      expect(await project.value(PRODUCTS)).toBe(200)
    },
  },
  {
    line: './manage migrate',
    check: says(/^No migrations to apply\.\n$/),
  },
  {
    line: './manage makemigrations -m "add products table"',
    check: says(/^No changes detected\n$/), // the table is in the first migration
  },
  {
    line: './manage showmigrations',
    check: (outcome) => {
      says(/^\[X\] 0001_/)(outcome)
      expect(outcome.stdout).not.toMatch(/\[[ ?]\]/)
    },
  },
  {
    line: './manage dbshell',
    stdin: 'select code from companies order by code;\n',
    check: says(/\bACME\b[^]*\bACME-EAST\b[^]*\bDEFAULT\b[^]*\bGTS\b/),
  },
  {
    line: './manage runserver',
    serves: /Listening on (http:\S+); a change of the code restarts it/,
  },
  {
    line: './manage runserver --port 8080',
    serves: /Listening on (http:[^:]+:8080);/,
  },
  {
    line: './manage runserver --no-reload --workers 4',
    on: 'PostgreSQL',
    serves: /Listening on (http:\S+) with 4 workers/,
  },
  {
    line: './manage runserver --no-reload --workers 4',
    on: 'embedded',
    check: ({ code, stderr }) => {
      expect(code).toBe(1)
      expect(stderr).toMatch(/^Error: The embedded database serves one process: .*\n$/)
    },
  },
  {
    line: './manage shell',
    stdin: `
      [User, Company, Role, Permission].length
      (await db.select().from(Company).where(eq(Company.code, 'ACME')))[0].code
      settings.ENVIRONMENT
    `,
    check: says(/^4\n'ACME'\n'development'\n$/),
  },
  {
    line: './manage check',
    check: says(/\d+ checks, /),
  },
  {
    line: './manage load-data',
    check: async (outcome, project) => {
      says(/companies/)(outcome)
      expect(await project.value(PRODUCTS)).toBe(200)
    },
  },
  {
    line: './manage load-data --file data/custom.json',
    check: async (outcome, project) => {
      says(/groups/)(outcome)
      expect(await project.value('(await db.select().from(groups)).map((group) => group.name)')).toContain(
        'Engineering',
      )
    },
  },
  {
    line: './manage load-data --clear',
    answers: ({ database }) => [[`Type the database's name (${database})`, database]],
    check: async (outcome, project) => {
      says(/products/)(outcome)
      expect(await project.value(PRODUCTS)).toBe(200)
    },
  },
  {
    line: './manage export-data --file backup.json',
    check: (outcome, project) => {
      says(/Written to backup\.json/)(outcome)
      const { products, ...others } = JSON.parse(readFileSync(join(project.folder, 'backup.json'), 'utf8'))
      expect(products).toHaveLength(200)
      expect(others).not.toHaveProperty('messages')
    },
  },
  {
    line: './manage export-data --file backup.json --all',
    check: (outcome, project) => {
      says(/Written to backup\.json/)(outcome)
      const file = JSON.parse(readFileSync(join(project.folder, 'backup.json'), 'utf8'))
      expect(file).toMatchObject({ activity_logs: expect.any(Array), messages: expect.any(Array) })
    },
  },
]

const engine: Engine = SERVER_URL ? 'PostgreSQL' : 'embedded'

describe(`the lines of the guide, one after the other, on ${engine}`, () => {
  let project: GuideProject
  beforeAll(async () => {
    project = new GuideProject(engine === 'PostgreSQL')
    await project.open()
  }, 240_000)
  afterAll(() => project.close())

  const rows = ROWS.filter(({ on = engine }) => on === engine)
  test.for(rows)('$line', { timeout: 240_000 }, async (row) => {
    if ('serves' in row) return serve(row, project)
    const { line, answers, stdin, check } = row
    await check(answers ? await project.answer(line, answers(project)) : project.paste(line, stdin), project)
  })
})

async function serve({ line, serves }: ServingRow, project: GuideProject): Promise<void> {
  await using server = project.start(line)
  const [, url = ''] = await server.said(serves)
  expect(await (await fetch(url)).json()).toMatchObject({ service: 'FastVue' })
  server.signal('SIGINT')
  expect(await server.ended()).toBe(0)
}
