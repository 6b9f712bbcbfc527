import type { Engine } from '../../app/db/engine.ts'
import { openServer } from '../../app/db/server.ts'
import { openEmptyEmbedded, openEmptyServer, rowsOf } from './migrations.ts'
import { maintain } from './server-databases.ts'

/** Runs `work` on an empty embedded database whose owner is no superuser, but may make roles. */
export async function asPlainOwnerEmbedded(work: (engine: Engine) => Promise<void>): Promise<void> {
  const { engine } = await openEmptyEmbedded()
  await rowsOf(engine, 'CREATE ROLE owner CREATEROLE')
  await rowsOf(engine, 'ALTER SCHEMA public OWNER TO owner')
  await rowsOf(engine, 'SET SESSION AUTHORIZATION owner')
  try {
    await work(engine)
  } finally {
    await engine.close()
  }
}

/** The same on the server. */
export async function asPlainOwnerOnServer(work: (engine: Engine) => Promise<void>): Promise<void> {
  const owner = `fastvue_test_owner_${process.pid}`
  const { url, close } = await openEmptyServer()
  await maintain(`CREATE ROLE ${owner} LOGIN CREATEROLE PASSWORD 'x'`)
  await maintain(`ALTER DATABASE ${new URL(url).pathname.slice(1)} OWNER TO ${owner}`)
  const asOwner = new URL(url)
  asOwner.username = owner
  asOwner.password = 'x'
  const engine = openServer({ url: asOwner.href, poolSize: 2 })
  try {
    await work(engine)
  } finally {
    await engine.close()
    await close()
    await maintain(`DROP ROLE ${owner}`)
  }
}
