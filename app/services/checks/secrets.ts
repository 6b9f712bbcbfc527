import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './check.ts'
import { countSeals } from './seals.ts'

// Bits, by the letters' own frequencies: 32 random hexadecimal digits have about 115, and a key needs 80 at the least.
const LEAST_ENTROPY = 80
const PLACEHOLDER = /change.?me|secret|passwor|example|insecure|default/i
const REPETITION = /(.{8,})\1/

export const secretChecks: Check[] = [
  {
    id: 'security.E001',
    about: 'In production SECRET_KEY is easy to guess',
    hint: 'Make one with: openssl rand -hex 32',
    find: ({ production, settings: { SECRET_KEY } }) =>
      production && isGuessable(SECRET_KEY) ? 'SECRET_KEY is easy to guess' : undefined,
  },
  {
    id: 'security.E002',
    about: 'In production SECRET_KEY is the one that was made for development',
    hint: 'Make another with: openssl rand -hex 32',
    find: ({ production, settings: { SECRET_KEY, directory } }) =>
      production && SECRET_KEY === developmentKey(directory)
        ? 'SECRET_KEY is the key of development, in var/secret.key'
        : undefined,
  },
  {
    id: 'security.E003',
    about: 'A user of data/demo.json can log in with the password that stands there',
    hint: 'Give these users other passwords, or delete them',
    deploy: true,
    async find(subject) {
      const { workingDemoLogIns } = await import('./demo-log-ins.ts') // and the rules of that file, which take a while to make
      const usernames = await workingDemoLogIns(subject)
      return usernames.length > 0 ? `Demo passwords still work for: ${usernames.join(', ')}` : undefined
    },
  },
  {
    id: 'security.E004',
    about: 'Second factors are sealed under a key that is not there: their owners cannot log in',
    hint: 'Set SECRET_KEY_PREVIOUS to the key from before, and run ./manage rotatesecrets',
    start: 'left out',
    async find(subject) {
      const { lost } = await countSeals(subject)
      return lost > 0 ? `Second factors that no key opens: ${lost}` : undefined
    },
  },
  {
    id: 'security.W004',
    about: 'SECRET_KEY_PREVIOUS is SECRET_KEY: the key has not been exchanged',
    hint: 'Set SECRET_KEY to a new one',
    find: ({ settings: { SECRET_KEY, SECRET_KEY_PREVIOUS } }) =>
      SECRET_KEY === SECRET_KEY_PREVIOUS ? 'SECRET_KEY and SECRET_KEY_PREVIOUS are the same' : undefined,
  },
  {
    id: 'security.W005',
    about: 'SECRET_KEY_PREVIOUS is set, though no stored secret needs it',
    hint: 'Unset it: who knows the old key could use it',
    start: 'left out',
    async find(subject) {
      const { SECRET_KEY, SECRET_KEY_PREVIOUS } = subject.settings
      if (!subject.database || !SECRET_KEY_PREVIOUS || SECRET_KEY_PREVIOUS === SECRET_KEY) return undefined
      const { previous } = await countSeals(subject)
      return previous === 0 ? 'Everything is sealed under SECRET_KEY' : undefined
    },
  },
]

const isGuessable = (key: string): boolean =>
  entropy(key) < LEAST_ENTROPY || PLACEHOLDER.test(key) || REPETITION.test(key.slice(0, 200))

/** Shannon's, of the text's own letters, times its length. */
function entropy(text: string): number {
  const counts = Map.groupBy(text, (letter) => letter).values()
  return counts.reduce((bits, { length }) => bits - length * Math.log2(length / text.length), 0)
}

function developmentKey(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'var/secret.key'), 'utf8')
  } catch {
    return undefined
  }
}
