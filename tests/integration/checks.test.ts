import { CHECKS, runChecks } from '../../app/services/checks/index.ts'
import { lookAt } from '../../app/services/checks/subject.ts'
import { type Row, fillFolder, goodProduction } from '../support/check-cases/case.ts'
import { CHECK_CASES } from '../support/check-cases/index.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'

const test = base.extend('world', async ({ engine, folder }, { onCleanup }) => {
  const undo = new AsyncDisposableStack()
  onCleanup(() => undo.disposeAsync())
  fillFolder(folder)
  return { engine, folder, undo }
})

/** What one check says of a row's set-up. */
const caseTest = test.extend('said', ({ world }) =>
  async (id: string, row: Row) => {
    const { env, open = async () => world.engine, subject } = await row(world)
    const settings = { ...goodProduction(env), directory: world.folder }
    const seen = await lookAt({ settings, production: true, env: {} }, open)
    const findings = await runChecks(
      CHECKS.filter((check) => check.id === id),
      { ...seen, ...subject },
    )
    return findings.map(({ message }) => message)
  })

test('every check has a case that it finds, and one that it leaves alone', () => {
  expect(Object.keys(CHECK_CASES).toSorted()).toEqual(CHECKS.map(({ id }) => id).toSorted())
  for (const { fails, passes } of Object.values(CHECK_CASES)) {
    expect(fails).not.toEqual([])
    expect(passes).not.toEqual([])
  }
})

describe.for(Object.entries(CHECK_CASES))('%s', ([id, { fails, says, passes, runIf = true }]) => {
  caseTest.runIf(runIf).for(fails.map((row, n) => [n + 1, row] as const))(
    'finds what it is for, %i',
    async ([, row], { said }) => {
      expect(await said(id, row)).toEqual([expect.stringMatching(says)])
    },
  )

  caseTest.runIf(runIf).for(passes.map((row, n) => [n + 1, row] as const))(
    'finds nothing, %i',
    async ([, row], { said }) => {
      expect(await said(id, row)).toEqual([])
    },
  )
})
