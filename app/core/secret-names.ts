/** What a field is called that holds a secret, wherever the words stand in its name: `new_password`, `accessToken`, `X-API-Key`. */
export const SECRET_NAMES = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'apikey',
  'keyhash',
  'privatekey',
  'authorization',
  'cookie',
  'credential',
  'backupcode',
  'recoverycode',
  'twofactorcode',
] as const

/** Short words that are secrets only when they stand alone in a name: `pin`, `card_cvv`, and not `shipping`. */
export const SECRET_WORDS: ReadonlySet<string> = new Set(['pwd', 'pin', 'otp', 'totp', 'cvv', 'cvc', 'jwt', 'auth'])

/** What is secret besides where people prove who they are, and an ordinary name elsewhere: a product has a `code`, too. */
export const LOG_IN_SECRETS: ReadonlySet<string> = new Set(['code', 'state', 'code_verifier', 'qr_code', 'otpauth_url'])
const NONE: ReadonlySet<string> = new Set()

export const MASK = '***'
const MOST_CHARACTERS = 2000
const MOST_VALUES = 2000
const DEEPEST = 12

/** Whether a field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
  const joined = words.replaceAll(/[^a-z\d]/g, '')
  return SECRET_NAMES.some((secret) => joined.includes(secret)) || words.split(/[^a-z\d]+/).some(isSecretWord)
}

const isSecretWord = (word: string) => SECRET_WORDS.has(word)

/**
 * A copy of JSON for a log: secrets masked at any depth, by the names of their fields and where a text is an Authorization
 * header's value. `more` are names that are secret here besides. Bounded, whatever somebody has sent: a text to 2,000 characters,
 * all of it to 2,000 values and 12 levels.
 */
export function maskSecrets(value: Record<string, unknown>, more = NONE): Record<string, unknown> {
  let left = MOST_VALUES
  const isSecret = (name: string) => isSecretName(name) || more.has(name.toLowerCase())
  const mask = (item: unknown, depth: number): unknown => {
    if (typeof item === 'string') return maskText(item, isSecret)
    if (typeof item !== 'object' || item === null) return item
    if (item instanceof Date) return item.toJSON()
    if (depth === 0 || left <= 0) return '…'
    if (Array.isArray(item)) return take(item).map((one) => mask(one, depth - 1))
    return Object.fromEntries(
      take(Object.entries(item)).map(([name, one]) => [
        clip(name, 200),
        isSecret(name) && one !== null && one !== undefined ? MASK : mask(one, depth - 1),
      ]),
    )
  }
  const take = <Item>(items: Item[]): Item[] => {
    const taken = items.slice(0, Math.max(0, left))
    left -= taken.length
    return taken
  }
  return mask(value, DEEPEST) as Record<string, unknown>
}

type IsSecret = (name: string) => boolean

function maskText(text: string, isSecret: IsSecret): string {
  if (/^(bearer|basic)[ ,]+\S/i.test(text)) return MASK
  return maskTokens(clip(text, MOST_CHARACTERS), isSecret)
}

/** A text with the tokens in it masked that are ours by their look, and what `name=value` says of a secret name. */
function maskTokens(text: string, isSecret: IsSecret): string {
  if (!/eyJ|fastvue_|=/.test(text)) return text
  return text
    .replaceAll(/\b(eyJ[\w-]{8,}(\.[\w-]*){0,2}|fastvue_[\w-]{20,})/g, MASK)
    .replaceAll(/(^|[?&;\s])([\w.%[\]-]{1,100})=([^&;\s#]+)/g, (pair: string, before: string, name: string) =>
      isSecret(name) ? `${before}${name}=${MASK}` : pair,
    )
}

/** A text that PostgreSQL stores (no NUL, no half of a character), cut to a length in characters. */
export function clip(text: string, characters: number): string {
  const clean = text
    .slice(0, characters * 2)
    .replaceAll('\0', '')
    .toWellFormed()
  return clean.length <= characters ? clean : Array.from(clean).slice(0, characters).join('')
}
