import { isSecretName } from '../secret-names.ts'
import { worse } from './address.ts'
import { WHOLE } from './excerpt.ts'
import { type Suspicion, look } from './look.ts'
import { nameOf } from './where.ts'

/** Texts of a body (names and values): so many are looked at from its beginning, and from its end. */
const MOST_TEXTS = 500
/** And so many characters of each of the two. What lies between them is looked at as one long text. */
const MOST_CHARACTERS = 2 * WHOLE
const MOST_BETWEEN = 500
const MOST_COLLECTED = 5000
const DEEPEST = 50
const LONGEST_PATH = 5

/** Where a value stands: the names from the top of the body, as a chain. */
interface Step {
  above: Step | undefined
  name: string
}
interface Text {
  text: string
  at: Step | undefined
}

/** All texts of a parsed body, its names too. What stands below the name of a secret is not looked at. */
export function lookAtBody(body: unknown): Suspicion | undefined {
  const texts: Text[] = []
  collect(body, undefined, 0, texts)
  const [start, end] = edgesOf(texts)
  let worst: Suspicion | undefined
  const examine = ({ text, at }: Text) => {
    const found = look(text, 'body', () => pathOf(at))
    if (found && found.score > (worst?.score ?? 0) && !isSecret(at)) worst = found
  }
  for (let n = 0; n < start; n++) examine(texts[n] as Text)
  for (let n = end; n < texts.length; n++) examine(texts[n] as Text)
  if (start === end) return worst
  const between = texts.slice(start, Math.min(end, start + MOST_BETWEEN)).filter(({ at }) => !isSecret(at))
  return worse(worst, look(between.map(({ text }) => text).join('\n'), 'body', 'body'))
}

function collect(value: unknown, at: Step | undefined, depth: number, texts: Text[]): void {
  if (typeof value === 'string') {
    if (value.length > 2) texts.push({ text: value, at })
    return
  }
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return
  if (Array.isArray(value)) {
    const inside = { above: at, name: '[]' }
    for (const one of value) {
      if (texts.length >= MOST_COLLECTED) return
      collect(one, inside, depth + 1, texts)
    }
    return
  }
  for (const name in value) {
    if (texts.length >= MOST_COLLECTED) return
    if (!PLAIN_NAME.test(name)) texts.push({ text: name, at })
    collect((value as Record<string, unknown>)[name], { above: at, name }, depth + 1, texts)
  }
}
const PLAIN_NAME = /^[a-z][a-z\d]{0,30}(?:_[a-z\d]{1,30}){0,6}$/

/** How many texts are looked at one by one from the beginning, and from where on to the end. */
function edgesOf(texts: Text[]): [start: number, end: number] {
  const step = (from: number, by: 1 | -1): number => {
    let at = from
    for (let left = MOST_CHARACTERS, many = 0; left > 0 && many < MOST_TEXTS; many++, at += by) {
      const next = texts[by === 1 ? at : at - 1]
      if (!next) break
      left -= Math.min(next.text.length, WHOLE)
    }
    return at
  }
  const start = step(0, 1)
  return [start, Math.max(start, step(texts.length, -1))]
}

function isSecret(at: Step | undefined): boolean {
  for (let step = at; step; step = step.above) if (step.name !== '[]' && isSecretName(step.name)) return true
  return false
}

function pathOf(at: Step | undefined): string {
  const names: string[] = []
  for (let step = at; step; step = step.above) names.unshift(step.name === '[]' ? '[]' : nameOf(step.name))
  return ['body', ...names.slice(0, LONGEST_PATH)].join('.')
}
