import { COMMANDS } from '../../app/management/index.ts'
import { manage } from '../support/command-line.ts'
import { COMMAND_CASES } from '../support/command-cases/index.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'

const test = base.extend('place', ({ engine, folder }) => ({ engine, folder }))

test('every command has a case', () => {
  expect(Object.keys(COMMAND_CASES).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted())
})

describe.for(COMMANDS.filter(({ name }) => COMMAND_CASES[name]))('$name', ({ name, summary, example }) => {
  const { success, says, json, wrongUse, failure, because } = COMMAND_CASES[name] ?? expect.unreachable()

  test('explains itself, with an example', async () => {
    const { code, stdout, stderr } = await manage([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: ./manage ${name} `)
    expect(stdout.replaceAll('\n', ' ')).toContain(summary) // a long one is wrapped
    expect(stdout).toContain('--json')
    expect(stdout).toContain(`Example:\n  ${example}\n`)
  })

  test('does its work', async ({ place }) => {
    const { code, stdout, stderr } = await success(place, [])
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(says)
  })

  test('answers machines with JSON alone', async ({ place }) => {
    const { code, stdout } = await success(place, ['--json'])
    expect(code).toBe(0)
    expect(json.parse(JSON.parse(stdout))).toBeDefined()
  })

  test('takes wrong use for what it is', async ({ place }) => {
    const { code, stdout, stderr } = await manage(wrongUse, { engine: place.engine })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: .+\n|^Error: .+\n/)
  })

  test('fails with one clean line', async ({ place }) => {
    const { code, stdout, stderr } = await failure(place, [])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(because)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
