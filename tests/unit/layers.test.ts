import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const files = globSync(['main.ts', 'manage.ts', 'app/**/*.ts'], { cwd: root }).filter((file) => !file.endsWith('.d.ts'))
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

/** Higher may import lower. */
const HEIGHT = {
  process: 7,
  management: 6,
  app: 5,
  api: 4,
  middleware: 3,
  services: 2,
  models: 1.5,
  schemas: 1.5,
  db: 1,
  core: 0,
}
type Layer = keyof typeof HEIGHT

function layerOf(file: string): Layer {
  const [first = '', second = ''] = file.split('/')
  if (first !== 'app') return 'process'
  return second.endsWith('.ts') ? 'app' : (second as Layer)
}

/** The project's files that a file imports, types too. */
function importsOf(file: string): string[] {
  const found = [...textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g)]
  return found.map(([, path = '']) => relative(root, resolve(root, dirname(file), path)))
}

describe('the structure of the code', () => {
  test('is made of the layers that it is known by', () => {
    expect(files.length).toBeGreaterThan(100)
    expect([...new Set(files.map(layerOf))].filter((layer) => !(layer in HEIGHT))).toEqual([])
  })

  test('has imports that only go down', () => {
    const up = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('app/') && HEIGHT[layerOf(target)] > HEIGHT[layerOf(file)])
        .map((target) => `${file} → ${target}`),
    )
    expect(up).toEqual([])
  })

  test('keeps models and schemas apart', () => {
    const across = files.filter(
      (file) => layerOf(file) === 'models' && importsOf(file).some((target) => layerOf(target) === 'schemas'),
    )
    expect(across).toEqual([])
  })

  test('has no files that import each other in a circle', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file)]))
    const circles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      if (done.has(file) || path.includes(file)) return
      for (const target of graph.get(file) ?? []) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })

  test('has files that fit on a few screens', () => {
    expect(files.filter((file) => textOf(file).split('\n').length > 300)).toEqual([])
  })

  const ONLY = [
    { what: 'drizzle-kit', pattern: /drizzle-kit\/|'drizzle-kit'/, where: /^app\/db\/drizzle-kit\.ts$/ },
    { what: 'connections', pattern: /engine\.connect\(/, where: /^app\/db\// },
    {
      what: 'units of work',
      pattern: /new UnitOfWork\(|inUnitOfWork\(/,
      where: /^app\/(db\/|services\/context\.ts|api\/deps\/database\.ts|management\/shell\/)/,
    },
    { what: 'prepared hot statements', pattern: /runStatement[<(]/, where: /^app\/(db|services)\// },
    { what: 'the console', pattern: /\bconsole\.\w+\(/, where: /^$/ },
  ]
  test.for(ONLY)('keeps $what where they belong', ({ pattern, where }) => {
    expect(files.filter((file) => pattern.test(textOf(file)) && !where.test(file))).toEqual([])
  })
})
