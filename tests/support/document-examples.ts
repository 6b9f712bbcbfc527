import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { runInThisContext } from 'node:vm'

const root = resolve(import.meta.dirname, '../..')

/** The TypeScript examples of a part of a document: a heading and what follows until the next of its rank. */
export function examplesOf(document: string, heading: string): string[] {
  const text = readFileSync(join(root, document), 'utf8')
  const part = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? ''
  return [...part.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code)
}

/**
 * Runs an example as it is, with the modules that it imports and these values, and returns all that it names. One that imports
 * begins with the file that it is of, such as `// app/services/product.ts`.
 */
export async function runExample(code: string, values: Record<string, unknown>): Promise<Record<string, unknown>> {
  const [, file = ''] = /^\/\/ (app\/\S+\.ts)\n/.exec(code) ?? []
  const imported: Record<string, unknown> = {}
  for (const [, names = '', path = ''] of code.matchAll(/^import \{ (.+) \} from '(\..+)'$/gm)) {
    const module = (await import(resolve(root, dirname(file), path))) as Record<string, unknown>
    for (const name of names.split(', ')) imported[name] = module[name]
  }
  const body = code.replaceAll(/^import .*$/gm, '')
  const named = [...body.matchAll(/^const (\w+) =/gm)].map(([, name]) => name)
  const known = { ...values, ...imported }
  const source = `(async (${Object.keys(known).join()}) => { ${body}\n return { ${named.join()} } })`
  return runInThisContext(source)(...Object.values(known)) as Promise<Record<string, unknown>>
}
