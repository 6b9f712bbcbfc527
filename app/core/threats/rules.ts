import { command } from './command.ts'
import { header } from './header.ts'
import { ldap } from './ldap.ts'
import { nosql } from './nosql.ts'
import type { Family, Rule } from './rule.ts'
import { scanner } from './scanner.ts'
import { sqli } from './sqli.ts'
import { template } from './template.ts'
import { traversal } from './traversal.ts'
import { unusual } from './unusual.ts'
import { xml } from './xml.ts'
import { xss } from './xss.ts'

/** All rules with a pattern. docs/threats.md lists the same. */
export const FAMILIES: readonly Family[] = [
  sqli,
  xss,
  traversal,
  scanner,
  command,
  template,
  nosql,
  ldap,
  xml,
  header,
  unusual,
]

/** What is seen in how a text is written, rather than in what it says. */
export const ENCODING = {
  'unusual.encoded-twice': { points: 15, inBody: 5, why: 'Percent signs in percent signs' },
  'unusual.overlong': { points: 45, inBody: 30, why: 'ASCII in forms that UTF-8 forbids' },
  'unusual.encoded-deep': { points: 30, inBody: 20, why: 'Encoded more than four times' },
  'unusual.encoded-path': { points: 20, inBody: 0, why: 'A dot, a slash or a percent sign of the path is encoded' },
  'unusual.no-agent': { points: 10, inBody: 0, why: 'No `User-Agent`' },
} as const
export type EncodingRule = keyof typeof ENCODING

export const RULES: readonly Rule[] = FAMILIES.flatMap(({ rules }) => rules)
