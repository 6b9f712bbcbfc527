import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Configuration = z.looseObject({})

/** Code as the project's formatter has it; where that is not installed (it is a devDependency), as it is. */
export async function formatted(root: string, path: string, code: string): Promise<string> {
  const formatter = await import('oxfmt').catch(() => undefined)
  if (!formatter) return code
  const { $schema: _, ignorePatterns: __, ...options } = Configuration.parse(readConfiguration(root))
  const { code: text, errors } = await formatter.format(path, code, options)
  const [error] = errors
  if (error) throw new Error(`${path} is not code: ${error.message}`)
  return text
}

function readConfiguration(root: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8'))
  } catch {
    return {}
  }
}
