import { createRequire } from 'node:module'
import type * as Language from '@zxcvbn-ts/language-common'

let list: ReadonlySet<string> | undefined

/** Whether guessers try a password first: one of 49,000 from published leaks, in lower case. Read at the first question. */
export function isCommonPassword(plain: string): boolean {
  list ??= new Set(load().dictionary['passwords-common'])
  return list.has(plain)
}

const load = () => createRequire(import.meta.url)('@zxcvbn-ts/language-common') as typeof Language
