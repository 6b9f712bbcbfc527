import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

interface Package {
  version: string
  license?: string
  dev?: boolean
}
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Package>
}
const production = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev)

/** Licences that leave whoever uses FastVue free, whatever they do with it (SPDX). */
const FREE = new Set(
  'MIT MIT-0 ISC 0BSD BSD-2-Clause BSD-3-Clause Apache-2.0 BlueOak-1.0.0 Python-2.0 (MPL-2.0%OR%Apache-2.0)'
    .split(' ')
    .map((name) => name.replaceAll('%', ' ')),
)
/** Packages whose package.json does not say it so, and what their licence file says. */
const SAID_ELSEWHERE: Record<string, RegExp> = {
  'node_modules/decko': /Permission is hereby granted, free of charge/,
  'node_modules/stickyfill': /Permission is hereby granted, free of charge/,
  'node_modules/url-template': /Redistribution and use in source and binary forms/,
}

describe('a package of production', () => {
  test('has a licence that leaves its users free', () => {
    expect(production.length).toBeGreaterThan(100)
    const others = production.filter(([path, { license = '' }]) => !FREE.has(license) && !(path in SAID_ELSEWHERE))
    expect(others).toEqual([])
    for (const [path, words] of Object.entries(SAID_ELSEWHERE)) {
      const [file = ''] = globSync(`${path}/LICENSE*`, { cwd: root })
      expect(readFileSync(join(root, file), 'utf8')).toMatch(words)
    }
  })

  test('is in the bill of materials, and none of development is', () => {
    const json = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' })
    const bill = JSON.parse(json) as { bomFormat: string; components: { name: string; version: string }[] }
    expect(bill.bomFormat).toBe('CycloneDX')
    const named = new Set(bill.components.map(({ name, version }) => `${name}@${version}`))
    expect(named).toEqual(
      new Set(production.map(([path, { version }]) => `${path.replace(/.*node_modules\//, '')}@${version}`)),
    )
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['fastify', 'pg', 'zod']))
  })
})

describe('the audit of CI', () => {
  const counts = (more: object) => ({ info: 0, low: 0, moderate: 0, high: 0, critical: 0, total: 0, ...more })
  const report = (more: object, vulnerabilities = {}) =>
    JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: { vulnerabilities: counts(more) } })
  const judge = (input: string) => {
    const { status, stdout } = spawnSync(process.execPath, [join(root, '.ci/audit.ts')], { input, encoding: 'utf8' })
    return { status, said: stdout.trim() }
  }

  test.for([
    ['nothing', report({}), 0, /nothing high or critical/],
    ['lesser findings', report({ moderate: 2, total: 2 }), 0, /2 lesser/],
    ['something high', report({ high: 1, total: 1 }, { fastify: { severity: 'high' } }), 1, /fastify \(high\)/],
    ['something critical', report({ critical: 1 }, { pg: { severity: 'critical' } }), 1, /pg \(critical\)/],
    ['a registry without advisories', '{"message":"405 Method Not Allowed - POST …"}', 0, /NOT CHECKED.*405/],
    ['no answer', '', 0, /NOT CHECKED.*no answer/],
  ] as const)('with %s', ([, input, status, words]) => {
    expect(judge(input)).toEqual({ status, said: expect.stringMatching(words) as string })
  })
})
