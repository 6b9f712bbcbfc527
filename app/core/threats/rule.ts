/** What a finding is about. */
export type Category =
  | 'sqli'
  | 'xss'
  | 'traversal'
  | 'scanner'
  | 'command'
  | 'template'
  | 'nosql'
  | 'ldap'
  | 'xml'
  | 'header'
  | 'unusual'

/** The part of a request that a text stands in. */
export type Place = 'path' | 'query' | 'header' | 'body'

/**
 * One thing that attacks have and ordinary requests do not. Patterns see text that is decoded and in small letters. Each of
 * their repetitions has an upper bound, so that no text is slow (tests/unit/threats/linear.test.ts).
 */
export interface Rule {
  id: `${Category}.${string}`
  /** What it adds to the risk in a path, a query or a header. */
  points: number
  /** What it adds in a body, where people write prose and code. */
  inBody: number
  /** Where alone it is looked for. Left out: everywhere. */
  only?: readonly Place[]
  pattern: RegExp
  why: string
  /** What it finds, to show what the pattern means: decoded, in small letters (tests/unit/threats/corpus.test.ts). */
  example: string
}

/** Rules of one category, and a quick test that every text which one of them finds has passed. */
export interface Family {
  category: Category
  hint: RegExp
  /**
   * `flat`: a comment or a run of whitespace is one space. `sql`: where there is none, plus signs are. `slashes`: backslashes
   * are slashes.
   */
  view: 'text' | 'flat' | 'sql' | 'slashes'
  rules: readonly Rule[]
}
