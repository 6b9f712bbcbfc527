import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Does to a copy of the project what a document's code blocks say, and returns how many lines that was. */
export function followRecipe(document: string, project: string): number {
  const text = readFileSync(document, 'utf8')
  const files = [...text.matchAll(/```ts\n\/\/ (app\/\S+)\n(.*?)```/gs)]
  const changes = [...text.matchAll(/```diff\n(app\/\S+)\n(.*?)```/gs)]
  for (const [, path = '', code = ''] of files) {
    mkdirSync(dirname(join(project, path)), { recursive: true })
    writeFileSync(join(project, path), code)
  }
  for (const [, path = '', lines = ''] of changes) insertLine(join(project, path), lines)
  return files.reduce(
    (sum, [, , code = '']) => sum + code.split('\n').filter((line) => line.trim()).length,
    changes.length,
  )
}

/** ` a line that is there` followed by `+a line to add below it`. */
function insertLine(path: string, lines: string): void {
  const [anchor = '', added = ''] = lines.split('\n')
  const before = readFileSync(path, 'utf8')
  if (!before.includes(`${anchor.slice(1)}\n`)) throw new Error(`${path} has no line "${anchor.slice(1)}"`)
  writeFileSync(path, before.replace(`${anchor.slice(1)}\n`, `${anchor.slice(1)}\n${added.slice(1)}\n`))
}
