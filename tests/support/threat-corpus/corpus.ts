import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Examined } from '../../../app/core/threats/assess.ts'
import { type Variant, variantsOf } from './variants.ts'

/** A request to be judged, and where in the corpus it is from. */
export interface Sample {
  name: string
  request: Examined
}

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
const USUAL = { path: '/api/v1/products', query: '', headers: { 'user-agent': BROWSER } }

const SIGNS: Record<string, string> = { '␀': '\0', '␉': '\t', '␊': '\n', '␍': '\r', '␛': '\x1b' }
const read = (path: string) =>
  readFileSync(join(import.meta.dirname, path), 'utf8').replaceAll(/[␀␉␊␍␛]/g, (sign) => SIGNS[sign] ?? sign)

const inQuery = (text: string, name = 'q'): Examined => ({ ...USUAL, query: `${name}=${text}` })
const inBody = (text: string): Examined => ({ ...USUAL, body: { name: 'Anvil', price: '9.99', notes: text } })
const asPath = (path: string): Examined => ({ ...USUAL, path })
const asAgent = (agent: string): Examined => ({ ...USUAL, headers: { 'user-agent': agent } })

/** Attacks of a folder: each plain in a query and in a body, and in two of the ways in which attackers write it. */
export function attacks(folder: 'attacks' | 'held-out'): Sample[] {
  return readdirSync(join(import.meta.dirname, folder)).flatMap((file) => {
    const kind = file.replace('.txt', '')
    return techniquesIn(`${folder}/${file}`).flatMap(({ technique, text }, index) => {
      const named = (way: string, request: Examined) => ({ name: `${kind}, ${technique}, ${way}: ${text}`, request })
      if (kind === 'paths') return [named('path', asPath(text))]
      if (kind === 'raw-queries') return [named('query', { ...USUAL, query: text })]
      if (kind === 'agents') return [named('agent', asAgent(text))]
      const written = ({ way, place, text: variant }: Variant) =>
        named(way, place === 'query' ? inQuery(variant, `field${index % 7}`) : inBody(variant))
      return [
        named('query', inQuery(encodeURIComponent(text))),
        ...(kind === 'lines' ? [] : [named('body', inBody(text))]), // in a body a new line is a new line
        ...variantsOf(text, kind, index)
          .filter(({ place }) => place === 'query' || kind !== 'lines')
          .map(written),
      ]
    })
  })
}

function techniquesIn(path: string): { technique: string; text: string }[] {
  let technique = ''
  return readFileSync(join(import.meta.dirname, path), 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('== ')) technique = line.slice(3)
      if (line === '' || line.startsWith('== ')) return []
      return [{ technique, text: line.replaceAll(/[␀␉␊␍␛]/g, (sign) => SIGNS[sign] ?? sign) }]
    })
}

const AROUND_NAMES = [
  (name: string) => name,
  (name: string) => `Dear ${name}, thank you for your order.`,
  (name: string) => `${name} <info@example.com>; see "terms" & 'prices' (2026)`,
  (name: string) => `${name}'s offer: 5 or 6 pieces, 20 % off -- until Friday`,
  (name: string) => `SELECT or drop? ${name} and the union will update the table; see page 2.`,
  (name: string) => `| ${name} | 9.99 | a<b |`,
]

/** Requests of people who mean no harm. */
export function benign(): Sample[] {
  const named = (kind: string) => (text: string) => [
    { name: `${kind}, query: ${text}`, request: inQuery(encodeURIComponent(text)) },
    { name: `${kind}, body: ${text}`, request: inBody(text) },
  ]
  const lines = (file: string) =>
    readFileSync(join(import.meta.dirname, 'benign', file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replaceAll(/[␀␉␊␍␛]/g, (sign) => SIGNS[sign] ?? sign))
  return [
    ...heldOut().flatMap(named('prose, held out')),
    ...lines('names.txt').flatMap((name) => AROUND_NAMES.flatMap((around) => named('name')(around(name)))),
    ...lines('prose.txt').flatMap(named('prose')),
    ...lines('code.txt').map((code) => ({ name: `code: ${code}`, request: inBody(code) })),
    ...read('benign/notes.txt')
      .split('\n=====\n')
      .map((note) => ({ name: `note: ${note}`, request: inBody(note) })),
    ...lines('queries.txt').map((query) => ({ name: `query: ${query}`, request: { ...USUAL, query } })),
    ...lines('paths.txt').map((path) => ({ name: `path: ${path}`, request: asPath(path) })),
    ...lines('agents.txt').map((agent) => ({ name: `agent: ${agent}`, request: asAgent(agent) })),
  ]
}

const heldOut = () =>
  read('held-out-benign.txt')
    .split('\n')
    .filter((line) => line !== '')
