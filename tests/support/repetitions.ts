/** A repetition of a pattern: how often at most, and how often at most what is inside it repeats. */
export interface Repetition {
  most: number
  inside: number
}

/** A part of a pattern: characters or a group, and how often. */
interface Part {
  source: string
  least: number
  most: number
  /** Of a group: its alternatives. */
  alternatives: Part[][] | undefined
}

const QUANTIFIER = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/

/** Every repetition in a pattern's source. */
export function repetitionsOf(source: string): Repetition[] {
  const walk = (parts: Part[]): Repetition[] =>
    parts.flatMap(({ least, most, alternatives }) => {
      const inner = (alternatives ?? []).flatMap(walk)
      const inside = Math.max(1, ...inner.map((one) => one.most * one.inside))
      return most > 1 && most !== least
        ? [...inner, { most, inside }]
        : inner.map((one) => ({ ...one, inside: one.inside * most }))
    })
  return parse(source).flatMap(walk)
}

/** Repetitions of characters of which one may go on where the other does, with nothing between that must be there. */
export function adjacentRepetitions(source: string): { first: string; second: string; ways: number }[] {
  const walk = (parts: Part[]): { first: string; second: string; ways: number }[] =>
    parts.flatMap((part, index) => {
      const inner = (part.alternatives ?? []).flatMap(walk)
      if (part.alternatives || part.most === part.least) return inner
      const found = []
      for (const next of parts.slice(index + 1)) {
        if (!next.alternatives && next.most > next.least && overlap(part.source, next.source))
          found.push({
            first: part.source,
            second: next.source,
            ways: (part.most - part.least) * (next.most - next.least),
          })
        if (next.least > 0) break
      }
      return [...inner, ...found]
    })
  return parse(source).flatMap(walk)
}

const overlap = (one: string, other: string): boolean => {
  const [first, second] = [one, other].map((set) => new RegExp(`^(?:${set})$`, set.includes('--[') ? 'v' : '')) as [
    RegExp,
    RegExp,
  ]
  return Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).some(
    (c) => first.test(c) && second.test(c),
  )
}

function parse(source: string): Part[][] {
  let at = 0
  const alternatives = (): Part[][] => {
    const all: Part[][] = [[]]
    while (at < source.length && source[at] !== ')') {
      if (source[at] === '|') {
        at += 1
        all.push([])
        continue
      }
      all.at(-1)?.push(part())
    }
    return all
  }
  const part = (): Part => {
    const from = at
    const inner = atom()
    const text = source.slice(from, at)
    const [whole = '', sign, least, comma, most] = QUANTIFIER.exec(source.slice(at)) ?? []
    at += whole.length
    const [low, high] = sign
      ? SIGNS[sign]!
      : least === undefined
        ? [1, 1]
        : [Number(least), most ? Number(most) : comma ? Infinity : Number(least)]
    return { source: text, least: low, most: high, alternatives: inner }
  }
  const atom = (): Part[][] | undefined => {
    if (source[at] === '\\') {
      at += /^\\(?:p\{\w+\}|P\{\w+\}|x[\da-f]{2}|u[\da-f]{4}|.)/i.exec(source.slice(at))?.[0].length ?? 2
      return undefined
    }
    if (source[at] === '[') {
      let depth = 0
      do {
        if (source[at] === '\\') at += 1
        else if (source[at] === '[' && depth === 0) depth = 1
        else if (source[at] === ']') depth = 0
        at += 1
      } while (depth > 0 && at < source.length)
      return undefined
    }
    if (source[at] !== '(') {
      at += 1
      return undefined
    }
    at += /^\((?:\?(?::|<?[=!]))?/.exec(source.slice(at))?.[0].length ?? 1
    const inside = alternatives()
    at += 1
    return inside
  }
  return alternatives()
}

const SIGNS: Record<string, [number, number]> = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }
