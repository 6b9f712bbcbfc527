import { Hammer } from './hammer.ts'
import { Proxy } from './proxy.ts'
import { Running, serverFolder } from './running.ts'
import { serverCopy } from './server-copy.ts'
import { maintain } from './server-databases.ts'

/** Server processes on one database of their own, on the server that TEST_DATABASE_URL names. */
export async function startFleet(size: number, env: NodeJS.ProcessEnv = {}) {
  await using started = new AsyncDisposableStack()
  const copy = started.use(await serverCopy())
  const engine = copy.open({ poolSize: 2 })
  const url = new URL(copy.url)
  const proxy = new Proxy({ host: url.hostname, port: Number(url.port || 5432) })
  await proxy.open()
  started.defer(() => proxy.close())
  url.host = `127.0.0.1:${proxy.port}`
  const servers = Array.from({ length: size }, () => {
    const place = started.use(serverFolder())
    return started.use(new Running(['main.ts'], { env: { ...place.env, DATABASE_URL: url.href, ...env } }))
  })
  const urls = await Promise.all(servers.map((server) => server.url()))
  const kept = started.move()
  return {
    engine,
    proxy,
    /** Where each of them listens. */
    urls,
    /** Ends one at once, as a crash does. */
    kill: (number: number) => servers[number]?.signal('SIGKILL'),
    /** Their connections that listen. @returns the process ids */
    listening: () => maintain(`SELECT pid::text ${LISTENING} AND datname = '${copy.name}'`),
    /** Ends those connections. @returns as many as it ended */
    cut: () => maintain(`SELECT pg_terminate_backend(pid)::text ${LISTENING} AND datname = '${copy.name}'`),
    /** A client for each of them, asking for products. */
    hammer(headers: Record<string, string>) {
      return urls.map((at) => new Hammer(`${at}/api/v1/products?page_size=1&with_total=false`, headers))
    },
    close: () => kept.disposeAsync(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const LISTENING = `FROM pg_stat_activity WHERE application_name = 'fastvue listening'`
