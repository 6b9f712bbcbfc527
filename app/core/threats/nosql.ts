import type { Family } from './rule.ts'

/** Operators of MongoDB, and of JavaScript in it. Source: OWASP WSTG 4.7.5.6. */
export const nosql: Family = {
  category: 'nosql',
  view: 'text',
  hint: /\$\w{2}|this\.|while\s?\(|sleep|return|\.(?:find|drop|insert|remove)\b|__proto__|constructor|prototype/,
  rules: [
    {
      id: 'nosql.operator',
      points: 45,
      inBody: 35,
      pattern:
        /(?:^|[[{,])[ \t\r\n]{0,9}["']?\$(?:ne|eq|gte?|lte?|in|nin|or|and|nor|not|regex|where|exists|type|mod|all|size|expr|function|func|elemmatch|jsonschema|options|comment|lookup|match|group|project|unset|set|inc|push|accumulator)["']?[ \t\r\n]{0,9}(?:\]|:|$)/,
      why: 'An operator where a value belongs',
      example: 'user[$gt]=',
    },
    {
      id: 'nosql.script',
      points: 40,
      inBody: 30,
      pattern:
        /["'][ \t)]{0,4}(?:;|\|\||&&)[ \t]{0,4}(?:return\b|this\.\w|sleep\(|while[ \t]{0,3}\(|db\.|var )|\$where\b|\bfunction[ \t]{0,3}\(\)[ \t]{0,3}\{[ \t]{0,4}(?:return (?:true|this|1)|sleep)|\bdb\.\w{1,30}\.(?:find|drop|insert|remove|update|delete)[a-z]{0,9}\(/,
      why: 'JavaScript for the database',
      example: 'db.users.drop()',
    },
    {
      id: 'nosql.prototype',
      points: 45,
      inBody: 35,
      pattern:
        /(?:^|[[{.,"' ])__proto__(?:["']?[\][.:=]|["'] ?:|$)|\bconstructor(?:\.|\[["']?|\]\[["']?)prototype\b|\bprototype\[/,
      why: 'Changes what all objects have (prototype pollution)',
      example: '__proto__.admin',
    },
  ],
}
