import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SETTING_NAMES, loadSettings } from '../../app/core/config.ts'
import { LIMITS } from '../../app/core/limits.ts'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)

const [dockerfile, compose, nginx, unit] = [
  'Dockerfile',
  'compose.yaml',
  'deploy/nginx.conf',
  'deploy/fastvue@.service',
].map(read) as [string, string, string, string]
/** What the image is made of. */
const copied = all(dockerfile, /^COPY (?!--from)(.+) \S+$/gm).flatMap((names) => names.split(' '))
const isSetting = (name: string) => SETTING_NAMES.some((setting) => setting === name)

describe('the image', () => {
  test('is made of files that are there and that .dockerignore lets in', () => {
    expect(copied).toEqual(expect.arrayContaining(['main.ts', 'manage.ts', 'app', 'migrations', 'data']))
    expect(copied.filter((name) => !existsSync(join(root, name)))).toEqual([])
    const [first, ...rest] = all(read('.dockerignore'), /^([^#\n].*)$/gm)
    expect(first).toBe('*')
    expect(rest.filter((line) => line.startsWith('!')).toSorted()).toEqual(
      [...new Set(copied)].map((name) => `!${name}`).toSorted(),
    )
  })

  // `oxfmt` is looked for, and done without where it is missing.
  test('has every package that its code imports', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
    const files = globSync(['main.ts', 'manage.ts', 'app/**/*.ts'], { cwd: root })
    const text = files
      .map(read)
      .join('\n')
      .replaceAll(/^import type [^;]*? from '.*'$/gm, '')
    const imports = all(text, /(?:\bfrom |\bimport\(|\brequire\(|\.resolve\()'((?!node:)[a-z@][\w@/.-]*)'/g)
    const packages = new Set(imports.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? ''))
    expect(packages).toContain('fastify')
    expect([...packages].filter((name) => !(name in dependencies))).toEqual(['oxfmt'])
  })

  test('is nobody’s but its user’s, and is told to stop as FastVue expects', () => {
    expect(dockerfile).toMatch(/^USER node$[^]*^CMD \["node", "main\.ts"\]$/m)
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m)
    expect(dockerfile).toMatch(/npm ci --omit=dev --ignore-scripts/)
  })
})

describe('compose.yaml', () => {
  const services = Object.fromEntries(
    compose
      .split(/\nservices:\n/)[1]!
      .split(/^\S/m)[0]!
      .split(/^ {2}(?=\w+:$)/m)
      .slice(1)
      .map((text) => [/^\w+/.exec(text)?.[0], text]),
  )

  test('gives settings that there are', () => {
    const [, settings = ''] = /^x-settings: .*\n((?: {2}.*\n)+)/m.exec(compose) ?? []
    const names = all(settings, /^ {2}([A-Z_]+):/gm)
    expect(names).toContain('SECRET_KEY')
    expect(names.filter((name) => !isSetting(name))).toEqual([])
  })

  test('has no secret of its own, and starts without none of them', () => {
    const secrets = all(
      compose,
      /\$\{([A-Z_]*(?:SECRET_KEY|DATABASE_PASSWORD|REDIS_PASSWORD|POSTGRES_PASSWORD):?[^}]*)\}/g,
    )
    const required = secrets.filter((text) => text.includes(':?')).map((text) => text.split(':?')[0])
    expect(new Set(required)).toEqual(
      new Set(['SECRET_KEY', 'DATABASE_PASSWORD', 'REDIS_PASSWORD', 'POSTGRES_PASSWORD']),
    )
    expect(compose).not.toMatch(/(PASSWORD|SECRET|TOKEN|_KEY): (?!\$\{)\S/)
  })

  test('lets nobody in but through the proxy, and no service write to its file system', () => {
    const names = Object.keys(services)
    expect(names).toEqual(expect.arrayContaining(['proxy', 'app1', 'app2', 'migrate', 'database', 'redis']))
    const published = names.filter((name) => services[name]?.includes('ports:'))
    expect(published).toEqual(['proxy', 'grafana'])
    expect(
      all(compose, /ports: \['([^']+)/g).every(
        (port) => port.startsWith('127.0.0.1:') || port.startsWith('${PUBLISH:-127.0.0.1:'),
      ),
    ).toBe(true)
    expect(names.filter((name) => !/<<: \*(hardened|app)/.test(services[name] ?? ''))).toEqual([])
    expect(compose).toMatch(/&hardened\n.*\n {2}read_only: true\n {2}cap_drop: \[ALL\]\n.*no-new-privileges:true/)
  })

  test('trusts the proxy’s own address, and the proxy finds both processes', () => {
    const addressOf = (name: string) => /ipv4_address: ([\d.]+)/.exec(services[name] ?? '')?.[1]
    expect(/TRUSTED_PROXIES: (\S+)/.exec(compose)?.[1]).toBe(addressOf('proxy'))
    const upstreams = all(read('deploy/nginx-upstream.compose.conf'), /server (\S+):8000/g)
    expect(upstreams).toEqual([addressOf('app1'), addressOf('app2')])
  })

  test('has each process asked for its own metrics, with the token that it knows', () => {
    const prometheus = read('deploy/prometheus.yml')
    expect(all(prometheus, /'(\w+):8000'/g)).toEqual(Object.keys(services).filter((name) => name.startsWith('app')))
    expect(prometheus).toContain('credentials_file: /run/secrets/metrics_token')
    expect(services['prometheus']).toContain('secrets: [metrics_token]')
    expect(compose).toMatch(/^secrets:\n {2}metrics_token:\n {4}environment: METRICS_TOKEN$/m)
  })

  test('mounts files that are there', () => {
    const mounted = all(compose, /- \.\/([^:]+):/g)
    expect(mounted.length).toBeGreaterThan(4)
    expect(mounted.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

describe('nginx', () => {
  test('takes bodies a little larger than FastVue does, and lets go of idle connections before it', () => {
    const { BODY_LIMIT_MB } = loadSettings({ SECRET_KEY: 'x'.repeat(32) }, import.meta.dirname)
    expect(Number(/client_max_body_size (\d+)m/.exec(nginx)?.[1])).toBe(BODY_LIMIT_MB + 1)
    for (const file of globSync('deploy/nginx-upstream*.conf', { cwd: root }))
      expect(Number(/keepalive_timeout (\d+)s/.exec(read(file))?.[1])).toBeLessThan(LIMITS.keepAliveTimeout / 1000)
  })
})

describe('the unit of systemd', () => {
  test('gives settings that there are, and more time to stop than FastVue takes', () => {
    const [, given = ''] = /^Environment=(.*)$/m.exec(unit) ?? []
    const names = given.split(' ').map((setting) => setting.split('=')[0] ?? '')
    expect(names.filter((name) => !isSetting(name))).toEqual(['NODE_ENV'])
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(20)
  })
})
