import { PassThrough } from 'node:stream'
import { Interrupted } from '../../app/management/interruption.ts'
import { Questions } from '../../app/management/questions.ts'
import { describe, expect, test as base } from '../support/fixtures.ts'

const test = base.extend('terminal', () => {
  const stdin = new PassThrough()
  const stderr = new PassThrough()
  let screen = ''
  stderr.on('data', (chunk) => (screen += chunk))
  return { questions: new Questions({ stdin, stderr }), type: (text: string) => stdin.write(text), seen: () => screen }
})

describe('questions at a terminal', () => {
  test.for([
    ['each line by itself', ['jane\n', 'jane@example.com\n', 'good enough\n', 'good enough\n']],
    ['all lines at once', ['jane\njane@example.com\ngood enough\ngood enough\n']],
    ['lines in pieces', ['ja', 'ne\njane@exam', 'ple.com\ngood', ' enough\ngood enough', '\n']],
    ['lines as Windows ends them', ['jane\r\njane@example.com\r\ngood enough\r\ngood enough\r\n']],
  ] as const)('take %s, typed before they stand there', async ([, typed], { terminal }) => {
    const { questions, type, seen } = terminal
    for (const text of typed) type(text)
    expect([
      await questions.ask('Username:'),
      await questions.ask('Email address:'),
      await questions.askHidden('Password:'),
      await questions.askHidden('Password (again):'),
    ]).toEqual(['jane', 'jane@example.com', 'good enough', 'good enough'])
    expect(seen()).toContain('Username:')
    expect(seen()).toMatch(/Password: \nPassword \(again\): \n$/)
    expect(seen()).not.toMatch(/good|enough/)
  })

  test('let a line be mended, hidden or not', async ({ terminal: { questions, type } }) => {
    type('jaen\x7f\x7fne\n')
    expect(await questions.ask('Username:')).toBe('jane')
    type('bad\x15good\n')
    expect(await questions.askHidden('Password:')).toBe('good')
  })

  test('offer no answer of before', async ({ terminal: { questions, type } }) => {
    type('secret\n')
    await questions.askHidden('Password:')
    type('\x1b[A\n') // the arrow up
    expect(await questions.ask('Username:')).toBe('')
  })

  test.for([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ] as const)('are ended by %s', async ([, key], { terminal: { questions, type } }) => {
    type(key)
    await expect(questions.ask('Username:')).rejects.toThrow(Interrupted)
    type(key)
    await expect(questions.askHidden('Password:')).rejects.toThrow(Interrupted)
  })
})
