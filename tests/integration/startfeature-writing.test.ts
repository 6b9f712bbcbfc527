import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { format } from 'oxfmt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startfeature } from '../../app/management/startfeature.ts'
import { writeFiles } from '../../app/management/startfeature/write-files.ts'
import { Terminal } from '../../app/management/terminal.ts'
import { manage } from '../support/command-line.ts'
import { copyProject } from '../support/project-copy.ts'
import { EMBEDDED } from '../support/server-databases.ts'
import { testSettings } from '../support/settings.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { treeOf } from '../support/tree.ts'

const run = promisify(execFile)
const ARGV = ['startfeature', 'Invoice', 'number:string:20:unique', 'product_id:ref:products:optional']
const env = { PATH: process.env['PATH'], ENVIRONMENT: 'test', SECRET_KEY: 'x'.repeat(32), NODE_COMPILE_CACHE: '' }

/** Six files of code, a migration of three, and its folder. */
const WRITTEN = 10

const folder = temporaryFolder()
const project = join(folder.path, 'project')
const settings = { ...testSettings(), directory: project }
const restore = async () => {
  rmSync(project, { recursive: true })
  await copyProject(project)
}
const call = (argv = ARGV) => manage(argv, { settings })
let before: Record<string, string>

beforeAll(async () => {
  await copyProject(project)
  before = treeOf(project)
})
afterAll(() => folder.remove())

describe.runIf(EMBEDDED)('startfeature', () => {
  test('tells threads the resource of a model whose table does not give it', async () => {
    const model = async (...argv: string[]) =>
      (await call(['startfeature', ...argv, 'name:string', '--dry-run', '--diff'])).stdout
    expect(await model('Person', '--plural', 'people')).toContain("...enterpriseModel({ resource: 'person' }),")
    expect(await model('Quiz')).toContain("...enterpriseModel({ resource: 'quiz' }),")
    expect(await model('SalesOrder')).toContain('...enterpriseModel(),')
    expect(await model('Category')).toContain('...enterpriseModel(),')
  })

  test('shows with --dry-run all that it would write, and writes nothing', async () => {
    const { code, stdout } = await call([...ARGV, '--dry-run', '--diff'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^--- app\/models\/invoice\.ts\nimport /)
    expect(stdout).toContain('CREATE TABLE "invoices"')
    expect(stdout).toContain(
      `--- app/core/permissions.ts\n   product: ['create', 'read', 'update', 'delete', 'manage'],\n+  invoice: [`,
    )
    expect(stdout).toContain('Would create\n  app/models/invoice.ts\n')
    expect(treeOf(project)).toEqual(before)
  })

  test('tells machines the files, and shows what is in them on stderr', async () => {
    const { stdout, stderr } = await call([...ARGV, '--dry-run', '--diff', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      dry_run: true,
      changed: expect.arrayContaining(['app/api/v1/index.ts']),
    })
    expect(stderr).toContain('export class InvoiceService')
  })

  test('names every line that it has no place for, and writes nothing', async () => {
    const index = join(project, 'app/api/v1/index.ts')
    const text = readFileSync(index, 'utf8')
    rmSync(join(project, 'docs/features.md'))
    writeFileSync(index, text.replace('export async function v1(app: App) {', 'export async function v2(app: App) {'))
    const changed = treeOf(project)
    const { code, stderr } = await call()
    expect([code, stderr.trimEnd().split('\n')]).toEqual([
      1,
      [
        'Error: app/api/v1/index.ts has no line "export async function v1(app: App) {" to add a line by',
        'Error: docs/features.md is not there',
      ],
    ])
    expect(treeOf(project)).toEqual(changed)
    cpSync(join(import.meta.dirname, '../../docs/features.md'), join(project, 'docs/features.md'))
    writeFileSync(index, text)
  })

  test('waits for the migration of other changes', async () => {
    const [last = ''] = readdirSync(join(project, 'migrations')).toSorted().toReversed()
    const snapshot = join(project, 'migrations', last, 'snapshot.json')
    const text = readFileSync(snapshot, 'utf8')
    writeFileSync(snapshot, text.replace(/\{"entityType":"columns","name":"sku",.*\n/, ''))
    const { code, stderr } = await call()
    writeFileSync(snapshot, text)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'Error: The models have changes without a migration: run ./manage makemigrations first\n',
    })
    expect(treeOf(project)).toEqual(before)
  })

  test('writes nothing once it was interrupted', async () => {
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env }
    const terminal = new Terminal(streams, false)
    const invocation = { args: ARGV.slice(1), options: {}, terminal, settings, database: () => expect.unreachable() }
    const interrupted = startfeature.run({ ...invocation, signal: AbortSignal.abort(new Error('Ctrl-C')) })
    await expect(interrupted).rejects.toThrow('Ctrl-C')
    expect(treeOf(project)).toEqual(before)
  })

  test('writes all or nothing, whenever Ctrl-C comes', async () => {
    expect((await call()).code).toBe(0)
    const complete = treeOf(project)
    expect(Object.keys(complete)).toHaveLength(Object.keys(before).length + WRITTEN)
    await restore()
    for (const milliseconds of [150, 400, 650, 900]) {
      const child = spawn(process.execPath, ['manage.ts', ...ARGV], { cwd: project, env, stdio: 'ignore' })
      const ended = once(child, 'exit') as Promise<[number | null]>
      const timer = setTimeout(() => child.kill('SIGINT'), milliseconds)
      const [code] = await ended
      clearTimeout(timer)
      const after = treeOf(project)
      expect(code === 0 ? [complete] : [before, complete]).toContainEqual(after) // it may come when all is done
      await restore()
    }
  })
})

/** Runs the command as a process of its own, which cannot do everything. */
const limited = (command: string, args: string[], options: object = {}) =>
  run(command, args, { cwd: project, env, ...options }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  )

describe.runIf(EMBEDDED)('startfeature that cannot write', () => {
  test('a file larger than what is left of the disk leaves nothing', async () => {
    const script = `ulimit -f 100; exec "$@"`
    const { code, stderr } = await limited('sh', ['-c', script, 'sh', process.execPath, 'manage.ts', ...ARGV])
    expect(stderr).toMatch(
      /^Error: migrations\/\d{4}_add_invoices\/snapshot\.json cannot be written \(EFBIG\); nothing was changed\n$/,
    )
    expect(code).toBe(1)
    expect(treeOf(project)).toEqual(before)
  })

  test('where it has no right to leaves nothing', async () => {
    chmodSync(folder.path, 0o755)
    const closed = join(project, 'tests/support/attack-cases')
    for (const path of Object.keys(before).map((file) => join(project, dirname(file)))) chmodSync(path, 0o777)
    chmodSync(closed, 0o555)
    // Rights are nothing to root.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
    const { code, stderr } = await limited(process.execPath, ['manage.ts', ...ARGV], user)
    chmodSync(closed, 0o755)
    expect(stderr).toMatch(
      /^Error: tests\/support\/attack-cases\/invoices\.ts cannot be written \(EACCES\); nothing was changed\n$/,
    )
    expect(code).toBe(1)
    expect(treeOf(project)).toEqual(before)
  })
})

describe('writing files', () => {
  const root = join(folder.path, 'files')
  const file = (path: string, text: string, was?: string) => ({ path, text, before: was })

  test('puts each in its place, with the rights that it had', () => {
    mkdirSync(root)
    writeFileSync(join(root, 'old'), 'old', { mode: 0o640 })
    writeFiles(root, [file('old', 'new', 'old'), file('a/b/c', 'made')])
    expect(readFileSync(join(root, 'old'), 'utf8')).toBe('new')
    expect(statSync(join(root, 'old')).mode & 0o777).toBe(0o640)
    expect(Object.keys(treeOf(root))).toEqual(['a', 'a/b', 'a/b/c', 'old'])
  })

  test.for([
    ['is in the way', file('a/b/c', 'mine'), 'a/b/c is there already'],
    ['has changed meanwhile', file('old', 'mine', 'old'), 'old has changed meanwhile; run the command again'],
    ['is gone', file('gone', 'mine', 'was'), 'gone cannot be written (ENOENT); nothing was changed'],
    ['is below a file', file('old/x', 'mine'), 'old/x cannot be written (EEXIST); nothing was changed'],
  ] as const)('writes none where one %s', ([, bad, message]) => {
    const were = treeOf(root)
    expect(() => writeFiles(root, [file('x/y', 'first'), file('old', 'second', 'new'), bad])).toThrow(message)
    expect(treeOf(root)).toEqual(were)
  })

  test('takes back what is in place already when the next one cannot be put there', () => {
    const were = treeOf(root)
    // Two of one name: the second takes the first one's place, so that its own is not there any more.
    const twice = [file('old', 'one', 'new'), file('old', 'two', 'new')]
    expect(() => writeFiles(root, [file('x/y', 'first'), ...twice])).toThrow('nothing was changed')
    expect(treeOf(root)).toEqual(were)
  })
})

// Last, for it leaves its files.
describe.runIf(EMBEDDED)('startfeature, again', () => {
  test('is refused, and changes nothing', async () => {
    expect((await call()).code).toBe(0)
    const written = treeOf(project)
    expect(Object.keys(written)).toHaveLength(Object.keys(before).length + WRITTEN)
    const { code, stderr } = await call()
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^Error: "Invoice" is taken: there is schema Invoice, .+, routes \/invoices, app\/models\/invoice\.ts, .+\n$/,
    )
    expect(treeOf(project)).toEqual(written)
  })

  test('writes the same without a formatter, but for the format', async () => {
    const other = join(folder.path, 'other')
    await copyProject(other)
    unlinkSync(join(other, 'node_modules'))
    mkdirSync(join(other, 'node_modules'))
    const installed = join(import.meta.dirname, '../../node_modules')
    for (const name of readdirSync(installed).filter((one) => one !== 'oxfmt'))
      symlinkSync(join(installed, name), join(other, 'node_modules', name))
    await run(process.execPath, ['manage.ts', ...ARGV], { cwd: other, env })
    const options = JSON.parse(readFileSync(join(other, '.oxfmtrc.json'), 'utf8'))
    const files = Object.keys(treeOf(project)).filter((path) => !(path in before))
    const code = files.filter((path) => path.endsWith('.ts'))
    expect(code).toHaveLength(6)
    for (const path of code) {
      const [formatted, plain = ''] = [project, other].map((root) => readFileSync(join(root, path), 'utf8'))
      expect((await format(path, plain, options)).code).toBe(formatted)
    }
    const rest = (root: string) => Object.entries(treeOf(root)).filter(([path]) => !code.includes(path))
    expect(rest(other)).toEqual(rest(project))
  })
})
