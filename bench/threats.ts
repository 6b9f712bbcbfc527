import { type Examined, assess } from '../app/core/threats/assess.ts'
import { decode } from '../app/core/threats/decode.ts'
import { excerptOf } from '../app/core/threats/excerpt.ts'
import { isSuspect } from '../app/core/threats/gate.ts'
import { FAMILIES, RULES } from '../app/core/threats/rules.ts'
import { attacks, benign } from '../tests/support/threat-corpus/corpus.ts'
import { budget } from './budget.ts'

/** What is asked of the threat detection. Times are the processor's, in this thread. */
const BUDGET = { recall: 0.95, falsePositives: 0.001, ordinaryUs: 20, worstMs: 5 }

export interface ThreatCost {
  recall: number
  /** Of the part of the corpus that was written after the rules, as it is by now. */
  heldOutRecall: number
  attacks: number
  falsePositives: number
  benign: number
  /** Microseconds a request. */
  us: Record<string, number>
  fuzz: { inputs: number; worstMs: number; worst: string }
}

const SUSPICIOUS = 30
const recallOf = (samples: { request: Examined }[]) =>
  samples.filter(({ request }) => assess(request).score >= SUSPICIOUS).length / samples.length

/** Recall and false positives on the corpus, the time for typical requests, and the slowest input that can be found. */
export function measureThreats(fuzzSeconds: number): ThreatCost {
  const [known, heldOut, harmless] = [attacks('attacks'), attacks('held-out'), benign()]
  return {
    recall: recallOf([...known, ...heldOut]),
    heldOutRecall: recallOf(heldOut),
    attacks: known.length + heldOut.length,
    falsePositives: harmless.filter(({ request }) => assess(request).score >= SUSPICIOUS).length,
    benign: harmless.length,
    us: Object.fromEntries(Object.entries(REQUESTS).map(([name, { request }]) => [name, timeOf(request)])),
    fuzz: fuzz(fuzzSeconds),
  }
}

const headers = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  referer: 'https://shop.example.com/products?page=2',
}
const PROSE = "A heavy anvil, made of steel (20 kg) for Bob's workshop; it's 30 % off -- until Friday. "
const CODE = [
  'const { items } = await load(page)',
  'if (a < b && c > d) return items.map((x) => `${x.name} costs ${x.price}`)',
  'SELECT name FROM products WHERE price > 5 AND active = true;',
  '<div class="a">{{ product.name }}</div>\n',
].join('\n')
const filled = (text: string, length: number) => text.repeat(Math.ceil(length / text.length)).slice(0, length)

/** Requests, and what they may take in microseconds. */
const REQUESTS: Record<string, { request: Examined; most: number }> = {
  'GET a list': {
    request: { path: '/api/v1/products', query: 'price__gte=10&sort=-created_at,name&page_size=50', headers },
    most: BUDGET.ordinaryUs,
  },
  'GET a list, encoded': {
    request: { path: '/api/v1/products', query: 'q=caf%C3%A9%20table&from=2026-01-01T00%3A00%3A00Z', headers },
    most: BUDGET.ordinaryUs,
  },
  'POST with a body of 1 KB': {
    request: {
      path: '/api/v1/products',
      headers,
      body: { name: 'Anvil', sku: 'A-1', price: '99.99', description: filled(PROSE, 900), tags: ['steel', 'heavy'] },
    },
    most: BUDGET.ordinaryUs,
  },
  'a note of 10 KB with code': {
    request: { path: '/api/v1/messages', headers, body: { body: filled(CODE, 10_240) } },
    most: BUDGET.worstMs * 1000,
  },
  'a body of 1 MB': {
    request: { path: '/api/v1/messages', headers, body: { body: filled(PROSE, 1_048_576) } },
    most: BUDGET.worstMs * 1000,
  },
  'a body of 1 MB of quotes': {
    request: { path: '/api/v1/messages', headers, body: { body: filled("'", 1_048_576) } },
    most: BUDGET.worstMs * 1000,
  },
  'a query of 100 KB': {
    request: { path: '/api/v1/products', query: filled('a=%27or&', 102_400), headers },
    most: BUDGET.worstMs * 1000,
  },
}

/** Microseconds of the processor for one call. Its clock has steps of some milliseconds, so that many are timed at once. */
function timeOf(request: Examined): number {
  const timed = (calls: number) => {
    const from = process.threadCpuUsage().user
    for (let n = 0; n < calls; n++) assess(request)
    return process.threadCpuUsage().user - from
  }
  timed(200)
  let calls = 50
  for (;;) {
    const us = timed(calls)
    if (us > 200_000 || calls > 1_000_000) return us / calls
    calls *= 2
  }
}

const SIGNS = Array.from('\'"`<>()[]{}.,;:|&$#@!?*+-=/\\%_~^ \t\n\0a0')
const FRAGMENTS = [
  ' or ',
  "' or ",
  '1=1',
  '../',
  '/*',
  '*/',
  '--',
  '%27',
  '%253c',
  '%c0%af',
  '&#39;',
  '&lt',
  '\\u0027',
  '＜',
  '${',
  '{{',
]
const PIECES = [...RULES.flatMap(({ pattern }) => pattern.source.match(/[a-z]{3,12}/g) ?? []), ...SIGNS, ...FRAGMENTS]
/** As much as the rules ever see of one text. */
const LONGEST = 10 * 1024

/** Texts made of pieces of attacks, repeated: every step alone, timed on each. */
function fuzz(seconds: number): ThreatCost['fuzz'] {
  const steps: [name: string, run: (text: string) => unknown][] = [
    ...RULES.map(({ id, pattern }): [string, (text: string) => unknown] => [id, (text) => pattern.test(text)]),
    ...FAMILIES.map(({ category, hint }): [string, (text: string) => unknown] => [
      `${category}, hint`,
      (text) => hint.test(text),
    ]),
    ['decode', decode],
    ['excerpt', (text) => excerptOf(text.repeat(100))],
    ['gate', isSuspect],
    ['all of it', (text) => assess({ body: { text } })],
  ]
  const pick = () => PIECES[Math.floor(Math.random() * PIECES.length)] ?? ''
  const end = performance.now() + seconds * 1000
  let inputs = 0
  let slowest = { ms: 0, text: '', name: '' }
  while (performance.now() < end) {
    const text = filled(
      Array.from({ length: 1 + Math.floor(Math.random() * 5) }, pick).join('') || 'a',
      LONGEST,
    ).toLowerCase()
    inputs += 1
    for (const [name, run] of steps) {
      const from = performance.now()
      run(text)
      const ms = performance.now() - from
      if (ms <= slowest.ms) continue
      const again = againMs(run, text)
      if (again > slowest.ms) slowest = { ms: again, text, name }
    }
  }
  return { inputs, worstMs: slowest.ms, worst: `${slowest.name}: ${JSON.stringify(slowest.text.slice(0, 40))}` }
}

/** The best of a few: another process may have had the processor. */
function againMs(run: (text: string) => unknown, text: string): number {
  const times = Array.from({ length: 5 }, () => {
    const from = performance.now()
    run(text)
    return performance.now() - from
  })
  return Math.min(...times)
}

/** Every figure with its budget, and whether it is met. */
const linesOf = (cost: ThreatCost): [text: string, met: boolean][] => [
  [
    `recall: ${cost.recall.toFixed(3)} of ${cost.attacks} attacks (held out: ${cost.heldOutRecall.toFixed(3)}), at least ${BUDGET.recall}`,
    cost.recall >= BUDGET.recall,
  ],
  [
    `false positives: ${cost.falsePositives} of ${cost.benign}, at most one in ${1 / BUDGET.falsePositives}`,
    cost.falsePositives <= cost.benign * BUDGET.falsePositives,
  ],
  ...Object.entries(REQUESTS).map(([name, { most }]): [string, boolean] => {
    const us = cost.us[name] ?? Infinity
    return [`${name}: ${us.toFixed(1)} µs, at most ${most}`, us <= most]
  }),
  [
    `fuzz: ${cost.fuzz.inputs} inputs, the slowest ${cost.fuzz.worstMs.toFixed(2)} ms (${cost.fuzz.worst}), at most ${BUDGET.worstMs} ms`,
    cost.fuzz.worstMs <= BUDGET.worstMs,
  ],
]

export const describeThreats = (cost: ThreatCost): string =>
  linesOf(cost)
    .map(([text, met]) => `${budget(`threats, ${text}`, met)}\n`)
    .join('')

export const meetsThreatBudgets = (cost: ThreatCost): boolean => linesOf(cost).every(([, met]) => met)
