import { compileFunction } from 'node:vm'

/**
 * The value of JavaScript with top-level await and these names in its scope; undefined where it is statements, and no
 * expression. @throws SyntaxError, and whatever the code throws
 */
export async function evaluate(code: string, scope: Record<string, unknown>): Promise<unknown> {
  return (asExpression(code, scope) ?? asStatements(code, scope))()
}

function asExpression(code: string, scope: object): Function | undefined {
  try {
    return compile(`(${code}\n)`, scope)
  } catch {
    return undefined
  }
}

const asStatements = (code: string, scope: object) => compile(`{ ${code}\n}`, scope)

const compile = (body: string, scope: object) =>
  compileFunction(`return (async () => ${body})()`, [], { contextExtensions: [scope] })
