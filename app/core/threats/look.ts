import { type Decoded, decode } from './decode.ts'
import { excerptOf } from './excerpt.ts'
import { isSuspect } from './gate.ts'
import { ENCODING, type EncodingRule, FAMILIES } from './rules.ts'
import type { Category, Place } from './rule.ts'
import { scanner } from './scanner.ts'
import { Views } from './views.ts'

/** Something that a rule has found. `where` is a name, never a value: `path`, `query.q`, `header.user-agent`, `body.items.0.name`. */
export interface Finding {
  rule: string
  category: Category
  where: string
  points: number
}

/** What was found in one text, or in all texts of a place; the score may be above 100. */
export interface Suspicion {
  score: number
  findings: Finding[]
}

/** In a shorter text there can be nothing. */
const SHORTEST = 3

/** A text that may be an attack: decoded, and in small letters. */
interface Suspect {
  plain: string
  decoded: Decoded
}

/** Decodes a text and holds it against every rule for its place. `where` is asked for only if there is something to tell. */
export function look(text: string, place: Place, where: string | (() => string)): Suspicion | undefined {
  const suspect = suspectIn(text, place)
  if (!suspect) return undefined
  const name = typeof where === 'string' ? where : where()
  const findings = [...inEncoding(suspect.decoded, place, name), ...inText(suspect.plain, place, name)]
  return findings.length === 0 ? undefined : { score: sum(findings), findings }
}

function suspectIn(text: string, place: Place): Suspect | undefined {
  if (text.length < SHORTEST && text !== '..') return undefined
  const written = excerptOf(text)
  const decoded = decode(place === 'query' && written.includes('+') ? written.replaceAll('+', ' ') : written)
  const plain = decoded.text.toLowerCase()
  const { percentRounds, overlong } = decoded
  return percentRounds > 1 || overlong || isSuspect(plain) || isScanned(plain, place) ? { plain, decoded } : undefined
}

const scannerPattern = (place: Place) =>
  new RegExp(
    scanner.rules
      .filter(({ only }) => only?.includes(place))
      .map(({ pattern }) => pattern.source)
      .join('|'),
  )
const SCANNED_PATH = scannerPattern('path')
const SCANNED_HEADER = scannerPattern('header')

const isScanned = (text: string, place: Place): boolean =>
  (place === 'path' && SCANNED_PATH.test(text)) || (place === 'header' && SCANNED_HEADER.test(text))

function inText(text: string, place: Place, where: string): Finding[] {
  const findings: Finding[] = []
  const views = new Views(text)
  for (const { category, hint, view, rules } of FAMILIES) {
    if (!hint.test(text)) continue
    for (const rule of rules) {
      const points = place === 'body' ? rule.inBody : rule.points
      if (points === 0 || (rule.only && !rule.only.includes(place))) continue
      if (rule.pattern.test(views.of(view))) findings.push({ rule: rule.id, category, where, points })
    }
  }
  return findings
}

function inEncoding({ percentRounds, overlong, unfinished }: Decoded, place: Place, where: string): Finding[] {
  const holds: [EncodingRule, boolean][] = [
    ['unusual.encoded-twice', percentRounds > 1],
    ['unusual.overlong', overlong],
    ['unusual.encoded-deep', unfinished],
  ]
  return holds.filter(([, held]) => held).map(([rule]) => encodingFinding(rule, place, where))
}

/** A finding of a rule without a pattern. */
export function encodingFinding(rule: EncodingRule, place: Place, where: string): Finding {
  const { points, inBody } = ENCODING[rule]
  return { rule, category: 'unusual', where, points: place === 'body' ? inBody : points }
}

const sum = (findings: Finding[]): number => findings.reduce((score, { points }) => score + points, 0)
