import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Settings, loadSettings } from '../../app/core/config.ts'
import { manage } from './command-line.ts'
import type { Outcome } from './command-cases/case.ts'
import { GUIDE_FILE } from './guide-file.ts'
import { copyProject } from './project-copy.ts'
import { Running, serverEnv } from './running.ts'
import { databaseName, maintain, urlOf } from './server-databases.ts'
import { temporaryFolder } from './temporary-folder.ts'

// Ours alone, whoever else uses port 8080 on this machine.
const HOST = `127.${process.pid & 127}.${(process.pid >> 7) & 255}.1`

/** A copy of the project with a database of its own, where the guide's lines are typed. */
export class GuideProject {
  readonly folder: string
  readonly database: string
  readonly #env: NodeJS.ProcessEnv
  readonly #remove: () => void
  readonly onServer: boolean
  readonly #made: string[] = []

  constructor(onServer: boolean) {
    const { path, remove } = temporaryFolder()
    this.folder = join(path, 'project')
    this.onServer = onServer
    this.database = onServer ? databaseName('guide') : 'db'
    this.#remove = remove
    const DATABASE_URL = onServer ? urlOf(this.database) : `file:${join(path, 'db')}`
    this.#env = { ...serverEnv(path), ENVIRONMENT: 'development', DATABASE_URL, HOST }
  }

  get settings(): Settings {
    return loadSettings(this.#env, this.folder)
  }

  /** Copies the project, and makes a database with a user called "username" in it. */
  async open(): Promise<void> {
    if (this.onServer && (await maintain(`SELECT datname FROM pg_database WHERE datname = 'mydb'`)).length > 0)
      throw new Error('The server has a database "mydb" already: the guide makes one, and it would be dropped')
    this.#made.push(this.database, 'mydb')
    await copyProject(this.folder)
    writeFileSync(join(this.folder, 'data', 'custom.json'), JSON.stringify(GUIDE_FILE))
    const user = `{ username: 'username', email: 'username@example.com', password_hash: 'none' }`
    for (const argv of [
      ['createdb'],
      ['migrate'],
      ['initdb'],
      ['shell', '-c', `await db.insert(User).values(${user})`],
    ]) {
      const { code, stderr } = await manage(argv, { settings: this.settings })
      if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
    }
  }

  /** Runs a line as a shell does. */
  paste(line: string, stdin = ''): Outcome {
    const options = { cwd: this.folder, env: { PATH: process.env['PATH'], ...this.#env }, input: stdin } as const
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { ...options, encoding: 'utf8' })
    return { code: status ?? -1, stdout, stderr }
  }

  /** Starts what a line starts. */
  start(line: string): Running {
    return new Running(['-c', `exec ${line}`], { program: 'sh', project: this.folder, env: this.#env })
  }

  /** Runs a line on a terminal where somebody answers. */
  answer(line: string, answers: [question: string, answer: string][]): Promise<Outcome> {
    const [, ...argv] = line.split(' ')
    return manage(argv, { settings: this.settings, answers })
  }

  /** What an expression is in the shell. */
  async value(code: string): Promise<unknown> {
    const { stdout } = await manage(['shell', '--json', '-c', code], { settings: this.settings })
    return JSON.parse(stdout)
  }

  async close(): Promise<void> {
    if (this.onServer) for (const name of this.#made) await maintain(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    this.#remove()
  }
}
