import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Prints a bill of materials (CycloneDX) of the packages of production: `npm run --silent sbom > sbom.json`. npm writes it,
 * from a package-lock.json without what is of development alone: its own `--omit dev` also leaves out packages of
 * production that development needs as well (npm 11.19: 39 of ours).
 */
const root = resolve(import.meta.dirname, '..')
const read = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8')) as Record<string, unknown>

const { devDependencies: _, scripts: _scripts, ...manifest } = read('package.json')
const lock = read('package-lock.json')
const packages = Object.entries(lock['packages'] as Record<string, { dev?: boolean; devDependencies?: object }>)
const kept = packages
  .filter(([, { dev }]) => !dev)
  .map(([path, entry]) => [path, { ...entry, devDependencies: undefined }])

const folder = mkdtempSync(join(tmpdir(), 'fastvue-sbom-'))
try {
  const project = join(folder, 'fastvue') // which becomes the name in it
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ ...lock, packages: Object.fromEntries(kept) }))
  const format = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application']
  execFileSync('npm', ['sbom', '--package-lock-only', ...format], { cwd: project, stdio: 'inherit' })
} finally {
  rmSync(folder, { recursive: true })
}
