import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../command-error.ts'
import type { Feature } from './feature.ts'
import { titleOf } from './routes.ts'
import type { PlannedFile } from './write-files.ts'

/** A line to add to a file that is there: below the last line of a kind, or at the end of a block. */
type Registration = { path: string; line: string } & Place

/** The last line of a kind, and how people know it; or the line that opens a block. */
type Place = { below: RegExp; looksLike: string } | { block: string }

const IMPORT = { below: /^(import .* from|\} from) '.*'$/, looksLike: 'import … from …' }

const registrationsOf = ({ one, many, resource, path, fields }: Feature): Registration[] => [
  {
    path: 'app/core/permissions.ts',
    line: `  ${resource}: ['create', 'read', 'update', 'delete', 'manage'],`,
    block: 'export const RESOURCES = {',
  },
  {
    path: 'app/models/index.ts',
    line: `export { ${many.camel} } from './${one.kebab}.ts'`,
    below: /^(export .* from|\} from) '.*'$/,
    looksLike: 'export { … } from …',
  },
  { path: 'app/api/v1/index.ts', line: `import { ${one.camel}Routes } from './${many.kebab}.ts'`, ...IMPORT },
  {
    path: 'app/api/v1/index.ts',
    line: `  await app.register(${one.camel}Routes, { prefix: '${path}' })`,
    block: 'export async function v1(app: App) {',
  },
  {
    path: 'tests/support/attack-cases/features.ts',
    line: `import { ${one.camel}Feature } from './${many.kebab}.ts'`,
    ...IMPORT,
  },
  {
    path: 'tests/support/attack-cases/features.ts',
    line: `  ${many.snake}: ${one.camel}Feature,`,
    block: 'export const FEATURES: Record<string, Feature> = {',
  },
  {
    path: 'docs/features.md',
    line: `- **${titleOf(many.words)}**: \`/api/v1${path}\`, permissions \`${resource}.*\`; ${fields.map(({ name }) => `\`${name}\``).join(', ')}`,
    below: /^- \*\*/,
    looksLike: '- **Products**: …',
  },
]

/**
 * The files of the project that must know of a feature, with its lines in them.
 * @throws CommandError naming each file that is not as expected
 */
export function registeredFiles(feature: Feature, root: string): PlannedFile[] {
  const faults: string[] = []
  const files = new Map<string, PlannedFile>()
  for (const registration of registrationsOf(feature)) {
    const { path } = registration
    const place = 'block' in registration ? registration.block : registration.looksLike
    const before = files.get(path)?.before ?? readText(join(root, path))
    const added = before && insertInto(files.get(path)?.text ?? before, registration)
    if (added) files.set(path, { path, before, text: added })
    else faults.push(`${path} ${before === undefined ? 'is not there' : `has no line "${place}" to add a line by`}`)
  }
  if (faults.length) throw new CommandError(faults.join('\n'))
  return [...files.values()]
}

function insertInto(text: string, { line, ...place }: Registration): string | undefined {
  const rows = text.split('\n')
  const at = 'block' in place ? endOfBlock(rows, place.block) : rows.findLastIndex((row) => place.below.test(row)) + 1
  return at > 0 ? rows.toSpliced(at, 0, line).join('\n') : undefined
}

function endOfBlock(rows: string[], opening: string): number {
  const start = rows.indexOf(opening)
  return start < 0 ? -1 : rows.findIndex((row, n) => n > start && row.startsWith('}'))
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
