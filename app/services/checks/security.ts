import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './check.ts'
import { workingDemoLogIns } from './demo-log-ins.ts'

// Bits, by the letters' own frequencies: 32 random hexadecimal digits have about 115, and a key needs 80 at the least.
const LEAST_ENTROPY = 80
const PLACEHOLDER = /change.?me|secret|passwor|example|insecure|default/i

export const securityChecks: Check[] = [
  {
    id: 'security.E001',
    about: 'In production SECRET_KEY is easy to guess',
    hint: 'Make one with: openssl rand -hex 32',
    find: ({ production, settings: { SECRET_KEY } }) =>
      production && (entropy(SECRET_KEY) < LEAST_ENTROPY || PLACEHOLDER.test(SECRET_KEY))
        ? 'SECRET_KEY is easy to guess'
        : undefined,
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
      const usernames = await workingDemoLogIns(subject)
      return usernames.length > 0 ? `Demo passwords still work for: ${usernames.join(', ')}` : undefined
    },
  },
  {
    id: 'security.W001',
    about: 'In production pages from anywhere, or without TLS, may call the API',
    hint: 'Name https:// origins only in BACKEND_CORS_ORIGINS',
    find({ production, settings: { BACKEND_CORS_ORIGINS } }) {
      const open = BACKEND_CORS_ORIGINS.filter((origin) => origin === '*' || origin.startsWith('http:'))
      return production && open.length > 0 ? `BACKEND_CORS_ORIGINS has ${open.join(', ')}` : undefined
    },
  },
  {
    id: 'security.W002',
    about: 'In production the log has everything',
    hint: 'Set LOG_LEVEL=INFO',
    find: ({ production, settings }) =>
      production && settings.LOG_LEVEL === 'DEBUG' ? 'LOG_LEVEL is DEBUG' : undefined,
  },
  {
    id: 'security.W003',
    about: 'What is to be deployed does not run as production',
    hint: 'Set ENVIRONMENT=production',
    deploy: true,
    find: ({ settings: { ENVIRONMENT } }) =>
      ENVIRONMENT === 'production' ? undefined : `ENVIRONMENT is ${ENVIRONMENT}`,
  },
]

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
