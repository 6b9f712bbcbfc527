import { isIP } from 'node:net'
import type { Check } from './check.ts'

const LARGE_MB = 100
// Bits. The widest networks of private addresses are 10.0.0.0/8 and fc00::/7.
const WIDEST = { 4: 8, 6: 7 } as const

/** Settings that are well while developing, and not where people work. */
export const productionChecks: Check[] = [
  {
    id: 'security.W001',
    about: 'In production pages from anywhere, or without TLS, may call the API',
    hint: 'Name https:// origins only in BACKEND_CORS_ORIGINS',
    find({ production, settings: { BACKEND_CORS_ORIGINS } }) {
      const open = BACKEND_CORS_ORIGINS.filter((origin) => origin.startsWith('http:'))
      return production && open.length > 0
        ? `BACKEND_CORS_ORIGINS has ${open.map((origin) => new URL(origin).origin).join(', ')}`
        : undefined
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
  {
    id: 'security.W006',
    about: 'In production half of the internet may say where its requests come from',
    hint: 'Name the proxies’ own addresses in TRUSTED_PROXIES: from others X-Forwarded-For is a lie',
    find({ production, settings: { TRUSTED_PROXIES } }) {
      const wide = TRUSTED_PROXIES.filter(isWide)
      return production && wide.length > 0 ? `TRUSTED_PROXIES has ${wide.join(', ')}` : undefined
    },
  },
  {
    id: 'security.W007',
    about: 'In production there is a proxy for TLS, and its address counts as everybody’s',
    hint: 'Name it in TRUSTED_PROXIES: the log and the list of sessions show where requests come from',
    find: ({ production, settings: { PUBLIC_URL, TRUSTED_PROXIES } }) =>
      production && PUBLIC_URL?.startsWith('https:') && TRUSTED_PROXIES.length === 0
        ? 'PUBLIC_URL is https://, which FastVue itself does not speak, and TRUSTED_PROXIES is empty'
        : undefined,
  },
  {
    id: 'security.W008',
    about: 'In production browsers reach the server without TLS',
    hint: 'Set PUBLIC_URL to the https:// address of the proxy before it',
    find: ({ production, settings: { PUBLIC_URL } }) =>
      production && PUBLIC_URL?.startsWith('http:') ? `PUBLIC_URL is ${new URL(PUBLIC_URL).origin}` : undefined,
  },
  {
    id: 'security.W009',
    about: `In production one request may fill more than ${LARGE_MB} MB of memory`,
    hint: 'Lower BODY_LIMIT_MB',
    find: ({ production, settings: { BODY_LIMIT_MB } }) =>
      production && BODY_LIMIT_MB > LARGE_MB ? `BODY_LIMIT_MB is ${BODY_LIMIT_MB}` : undefined,
  },
]

function isWide(network: string): boolean {
  const [address = '', prefix] = network.split('/')
  return prefix !== undefined && Number(prefix) < WIDEST[isIP(address) === 4 ? 4 : 6]
}
