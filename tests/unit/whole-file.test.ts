import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, vi } from 'vitest'
import { OperatorError } from '../../app/core/operator-error.ts'
import { type Write, writeWholeFile } from '../../app/core/whole-file.ts'
import { test } from '../support/temporary-folder.ts'

const never = AbortSignal.any([])
const write = (path: string, work: (write: Write) => Promise<unknown> = (add) => add('new')) =>
  writeWholeFile(path, never, work)

describe('a file', () => {
  test('is there once it is whole, with its folders, for its owner alone', async ({ folder }) => {
    const path = join(folder, 'a/b/c.json')
    await write(path, async (add) => {
      await add('one ')
      expect(readdirSync(join(folder, 'a/b'))).toEqual([expect.stringMatching(/^\.draft-/)])
      await add('two')
    })
    expect(readFileSync(path, 'utf8')).toBe('one two')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.json'])
  })

  test('of that name stays as it is until then', async ({ folder }) => {
    const path = join(folder, 'x.json')
    writeFileSync(path, 'old', { mode: 0o644 })
    await write(path, async (add) => {
      await add('new')
      expect(readFileSync(path, 'utf8')).toBe('old')
    })
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('that a link leads to is replaced, and the link is not', async ({ folder }) => {
    mkdirSync(join(folder, 'real'))
    writeFileSync(join(folder, 'real/x.json'), 'old')
    symlinkSync('real/x.json', join(folder, 'link.json'))
    await write(join(folder, 'link.json'))
    expect(readFileSync(join(folder, 'real/x.json'), 'utf8')).toBe('new')
    expect(readdirSync(folder)).toEqual(['link.json', 'real'])
    expect(readdirSync(join(folder, 'real'))).toEqual(['x.json'])
  })
})

describe('nothing is left', () => {
  test('of work that fails', async ({ folder }) => {
    writeFileSync(join(folder, 'x.json'), 'old')
    const failing = async (add: Write) => {
      await add('new')
      throw new Error('no more')
    }
    await expect(write(join(folder, 'x.json'), failing)).rejects.toThrow('no more')
    await expect(write(join(folder, 'a/b/x.json'), failing)).rejects.toThrow('no more')
    expect(readdirSync(folder)).toEqual(['x.json'])
    expect(readFileSync(join(folder, 'x.json'), 'utf8')).toBe('old')
  })

  test('of work that is interrupted, from that moment on', async ({ folder }) => {
    writeFileSync(join(folder, 'x.json'), 'old')
    for (const path of ['x.json', 'a/b/x.json']) {
      const controller = new AbortController()
      const written = writeWholeFile(join(folder, path), controller.signal, async (add) => {
        await add('new')
        controller.abort()
        expect(readdirSync(folder)).toEqual(['x.json'])
        await add('more')
      })
      expect(await written.catch((error: unknown) => error)).toBe(controller.signal.reason)
    }
    expect(readdirSync(folder)).toEqual(['x.json'])
    expect(readFileSync(join(folder, 'x.json'), 'utf8')).toBe('old')
  })

  test('of work that was interrupted before: it does not begin', async ({ folder }) => {
    const work = vi.fn<(add: Write) => Promise<void>>()
    await expect(writeWholeFile(join(folder, 'x'), AbortSignal.abort(), work)).rejects.toThrow('aborted')
    expect(work).not.toHaveBeenCalled()
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what cannot be written is told in one line', () => {
  test.for([
    ['a folder', '.', /: is a folder$/],
    ['what is no file', 'pipe', /\/pipe: is not a file$/],
    ['below a file', 'file/x.json', /\/file\/x\.json: not a directory$/],
    ['where nobody may', '/proc/x.json', /^\/proc\/x\.json: .+/],
  ] as const)('%s', async ([, path, line], { folder }) => {
    writeFileSync(join(folder, 'file'), '')
    spawnSync('mkfifo', [join(folder, 'pipe')])
    const error = await write(path.startsWith('/') ? path : join(folder, path)).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OperatorError)
    expect(error).toHaveProperty('message', expect.stringMatching(line))
    expect(readdirSync(folder)).toEqual(['file', 'pipe'])
    expect(statSync(join(folder, 'pipe')).isFIFO()).toBe(true)
  })

  // The superuser may write anywhere.
  test.skipIf(process.getuid?.() === 0)('a folder and a file without the right to', async ({ folder }) => {
    writeFileSync(join(folder, 'x.json'), 'old', { mode: 0o400 })
    await expect(write(join(folder, 'x.json'))).rejects.toThrow(/x\.json: permission denied$/)
    chmodSync(folder, 0o500)
    await expect(write(join(folder, 'y.json'))).rejects.toThrow(/y\.json: permission denied$/)
    chmodSync(folder, 0o700)
    expect(readdirSync(folder)).toEqual(['x.json'])
  })
})
