import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { TestProject } from 'vitest/node'
import { openEmbedded } from '../../app/db/embedded.ts'
import type { Engine } from '../../app/db/engine.ts'
import { openServer } from '../../app/db/server.ts'
import { type Baseline, buildBaseline } from './baseline.ts'
import { rememberBaseline } from './restore.ts'
import { SERVER_URL, databaseName, dropDatabases, isAlive, maintain, urlOf } from './server-databases.ts'

declare module 'vitest' {
  interface ProvidedContext {
    baseline: Baseline
    /** An embedded database's folder with the baseline in it. Copy it; never open it. */
    folder: string
    /** The same as a file for `openEmbedded`. */
    dump: string
    /** The PostgreSQL database to copy, with TEST_DATABASE_URL. */
    template: string | undefined
  }
}

const FOLDERS = 'fastvue-test-'

/** Builds the database of the tests once per run, on both engines where both are tested, and removes it at the end. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const run = join(tmpdir(), `${FOLDERS}${process.pid}`)
  const embedded = await buildEmbedded(run)
  const server = SERVER_URL ? await buildTemplate() : undefined
  provide('folder', embedded.folder)
  provide('dump', embedded.dump)
  provide('template', server?.template)
  provide('baseline', server?.baseline ?? embedded.baseline)
  return async () => {
    for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(FOLDERS))) {
      const pid = Number(name.slice(FOLDERS.length))
      if (pid === process.pid || !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
    }
    if (SERVER_URL) await dropDatabases()
  }
}

async function buildEmbedded(run: string) {
  const [folder, dump] = [join(run, 'baseline'), join(run, 'baseline.tar')]
  mkdirSync(run, { recursive: true })
  const baseline = await build(await openEmbedded(folder))
  const lite = await PGlite.create(join(folder, 'data'))
  writeFileSync(dump, await (await lite.dumpDataDir('none')).bytes())
  await lite.close()
  return { folder, dump, baseline }
}

async function buildTemplate() {
  const template = databaseName('template')
  await dropDatabases()
  await maintain(`CREATE DATABASE ${template}`)
  return { template, baseline: await build(openServer({ url: urlOf(template), poolSize: 1 })) }
}

async function build(engine: Engine): Promise<Baseline> {
  const baseline = await buildBaseline(engine)
  await rememberBaseline(engine)
  await engine.close()
  return baseline
}
