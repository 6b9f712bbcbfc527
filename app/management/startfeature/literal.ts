/** A text as TypeScript has it: nothing in it can end it, or be run. */
export const literal = (text: string): string => (/['\\\p{C}]/u.test(text) ? JSON.stringify(text) : `'${text}'`)

/** Without what ends a line, cannot be stored, or makes code read otherwise than it runs (CVE-2021-42574). */
export const isPrintable = (text: string): boolean =>
  text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text)

/** The imports that pieces of code need, of what each module has. */
export function importsFor(code: string, modules: Record<string, string[]>): string {
  const plain = code.replaceAll(/'[^'\n]*'|"(?:[^"\\\n]|\\.)*"/g, "''")
  const uses = (name: string) => new RegExp(`(?<!\\w|[^.]\\.)${name}(?![\\w:])`).test(plain)
  return Object.entries(modules)
    .map(([module, names]) => [module, names.filter(uses)] as const)
    .filter(([, names]) => names.length > 0)
    .map(([module, names]) => `import { ${names.join(', ')} } from '${module}'`)
    .join('\n')
}
