import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { vi } from 'vitest'
import { freePort } from './free-port.ts'
import { Running } from './running.ts'
import { temporaryFolder } from './temporary-folder.ts'

const root = resolve(import.meta.dirname, '../..')
const shipped = (name: string) => readFileSync(join(root, 'deploy', name), 'utf8')

/** Where this machine has nginx. */
export const NGINX = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path))

/** One line of its access log. */
export interface Passed {
  ip: string
  method: string
  path: string
  status: number
  /** The process that it went to; several where one did not take it. */
  upstream: string
  request_id: string
}

/** nginx in a process and a folder of its own, with the files that `deploy/` has; only ports and folders are others. */
export async function startNginx(upstreams: number[]) {
  await using started = new AsyncDisposableStack()
  const { path: folder, remove } = temporaryFolder()
  started.defer(remove)
  const port = await freePort()
  const config = writeConfig(folder, { port, upstreams })
  const nginx = started.use(new Running(['-p', folder, '-c', config, '-e', 'stderr'], { program: NGINX ?? 'nginx' }))
  const url = `http://127.0.0.1:${port}`
  await vi.waitFor(() => fetch(`${url}/metrics`), { timeout: 60_000, interval: 20 })
  const log = (name: string) => readFileSync(join(folder, name), 'utf8')
  const kept = started.move()
  return {
    url,
    /** Everything that it passed on so far. */
    passed: () =>
      log('access.log')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Passed),
    /** All that it has written. */
    written: () => log('access.log') + log('error.log') + nginx.output,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

interface Templated {
  port: number
  upstreams: number[]
  /** Other text for the site's file. */
  change?: (site: string) => string
}

/** Writes what nginx is started with. @returns the main file's path */
export function writeConfig(folder: string, { port, upstreams, change = (site) => site }: Templated): string {
  const site = change(shipped('nginx.conf'))
    .replace('listen 80;', `listen ${port};`)
    .replaceAll('/var/log/nginx', folder)
  // As many as it has: 8000, 8001.
  const upstream = shipped('nginx-upstream.conf').replaceAll(
    /:800(\d) /g,
    (_, n: string) => `:${upstreams[Number(n)]} `,
  )
  mkdirSync(join(folder, 'conf.d'), { recursive: true })
  writeFileSync(join(folder, 'conf.d', 'fastvue.conf'), site)
  writeFileSync(join(folder, 'conf.d', 'fastvue-upstream.conf'), upstream)
  const path = join(folder, 'nginx.conf')
  writeFileSync(path, mainConfig(folder))
  return path
}

// What Debian's and the image's own nginx.conf do before they include conf.d.
const mainConfig = (folder: string) => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  default_type application/octet-stream;
  include ${folder}/conf.d/*.conf;
}
`
