import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { draftMigration } from '../../app/db/migration-draft.ts'
import { type RenameFlags, renameAnswers } from '../../app/management/rename-answers.ts'
import { Terminal } from '../../app/management/terminal.ts'
import { TestProject } from '../support/migrations.ts'
import { shopSchema } from '../support/shop-models.ts'

/** Makes the migration for a column that is called otherwise now, by these flags or by what somebody types. */
async function afterRenaming(flags: Partial<RenameFlags>, typed?: string) {
  const { answer, settle } = renameAnswers({ renames: [], noRename: false, ...flags }, terminal(typed))
  const initial = { name: '0001_initial', parents: [], up: '', down: '', schema: await shopSchema() }
  const draft = await draftMigration([initial], await shopSchema({ amount: 'total' }), answer)
  settle()
  return draft?.migration
}

/** A terminal at which somebody answers the first question, or one without anybody. */
function terminal(typed?: string): Terminal {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const isTTY = typed !== undefined
  const tty = Object.assign(stderr, { isTTY, end: () => stderr }) // a real one cannot be ended by a prompt
  stderr.once('data', () => setImmediate(() => stdin.write(`${typed}\n`)))
  return new Terminal({ stdin: Object.assign(stdin, { isTTY }), stdout, stderr: tty, env: {} }, false)
}

const RENAMED = 'ALTER TABLE "bills" RENAME COLUMN "amount" TO "total";\n'
const REPLACED = 'ALTER TABLE "bills" ADD COLUMN "total" numeric;\nALTER TABLE "bills" DROP COLUMN "amount";\n'

describe('is it a rename?', () => {
  test('where nobody can answer it is an error that names both flags', async () => {
    await expect(afterRenaming({})).rejects.toThrow(
      'The column bills.total is new and bills.amount is gone: ' +
        'give --rename bills.amount:bills.total to keep its data under the new name, or --no-rename to drop it',
    )
  })

  test.each(['bills.amount:bills.total', 'bills.amount:total', 'amount:total'])('--rename %s renames', async (flag) => {
    const migration = await afterRenaming({ renames: [flag] })
    expect(migration).toMatchObject({ name: '0002_rename_bills_amount_to_total', up: RENAMED })
    expect(migration?.down).toBe('ALTER TABLE "bills" RENAME COLUMN "total" TO "amount";\n')
  })

  test('--no-rename drops the one and makes the other', async () => {
    expect((await afterRenaming({ noRename: true }))?.up).toBe(REPLACED)
  })

  test('at a terminal it is asked', async () => {
    expect((await afterRenaming({}, 'y'))?.up).toBe(RENAMED)
    expect((await afterRenaming({}, 'n'))?.up).toBe(REPLACED)
  })

  test('a column without its table is an error where it fits several, which are named', async () => {
    const { answer, settle } = renameAnswers({ renames: ['amount:total'], noRename: false }, terminal())
    for (const table of ['bills', 'orders'])
      await answer({ kind: 'column', added: `${table}.total`, gone: [`${table}.amount`] })
    expect(settle).toThrow(
      '--rename amount:total has more than one meaning: ' +
        'give --rename bills.amount:bills.total or --rename orders.amount:orders.total',
    )
  })

  test('a column that is named with its table is not taken for another of that name', async () => {
    const renames = ['amount:total', 'orders.amount:total']
    const { answer, settle } = renameAnswers({ renames, noRename: true }, terminal())
    for (const table of ['bills', 'orders'])
      expect(await answer({ kind: 'column', added: `${table}.total`, gone: [`${table}.amount`] })).toBe(
        `${table}.amount`,
      )
    expect(settle).not.toThrow()
  })

  test('a flag that fits nothing is an error, not ignored', async () => {
    await expect(afterRenaming({ renames: ['bills.amount:total', 'a:b'] })).rejects.toThrow(
      '--rename a:b: no a is gone while b is new',
    )
    await expect(afterRenaming({ renames: ['a'] })).rejects.toThrow('--rename a: expected old:new or table.old:new')
  })
})

describe('makemigrations', () => {
  test('the models and the migrations agree', async () => {
    using project = new TestProject()
    expect(await project.manage(['makemigrations', '--check'])).toEqual({
      code: 0,
      stdout: 'No changes detected\n',
      stderr: '',
    })
  })

  test('without any migration it writes the first; --check names what it would be and writes nothing', async () => {
    using project = new TestProject()
    project.clear()
    const check = await project.manage(['makemigrations', '--check'])
    expect(check.code).toBe(1)
    expect(check.stdout).toMatch(/^The models have changed:\n.* {2}create table products\n/s)
    const made = await project.manage(['makemigrations', '--json'])
    expect(JSON.parse(made.stdout)).toMatchObject({ created: '0001_initial' })
    expect((await project.manage(['makemigrations', '--no-rename'])).stdout).toBe('No changes detected\n')
  })

  test('--empty writes one to fill in, named and opened by its message', async () => {
    using project = new TestProject()
    const { stdout } = await project.manage(['makemigrations', '--empty', '-m', 'Fill in the prices'])
    expect(stdout).toMatch(/^Created migrations\/\d{4}_fill_in_the_prices\n$/)
    const name = stdout.trim().slice('Created migrations/'.length)
    expect((await project.manage(['sqlmigrate', name])).stdout).toMatch(/^-- Fill in the prices\n-- SQL that/)
    expect((await project.manage(['makemigrations', '--check'])).code).toBe(0)
  })
})
