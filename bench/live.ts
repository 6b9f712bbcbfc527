import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { WebSocket } from 'ws'
import type { BenchDatabase } from './database.ts'
import { startFastVue } from './subjects.ts'

/** Connections are shared by so many users: one may have 20. */
const PER_USER = 16
const EVENTS = 20

export interface LiveFigures {
  sockets: number
  /** From the commit to the arrival, of all events at all sockets. */
  p50Ms: number
  p95Ms: number
  /** Of the server's process, for each socket. */
  kbPerSocket: number
}

/** What it takes to tell an event to everybody who is connected to one process. */
export async function measureLive(database: BenchDatabase, sockets: number): Promise<LiveFigures> {
  const users = await addMembers(database, Math.ceil(sockets / PER_USER))
  const { server } = await startFastVue(database)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const arrivals: number[] = []
  let committed = 0
  const open: WebSocket[] = []
  try {
    const tokens = []
    for (const username of users) tokens.push(await logIn(server.url, username, database.password))
    await pause(1000)
    const before = server.memoryMb()
    for (let n = 0; n < sockets; n++) {
      const token = tokens[n % tokens.length] ?? ''
      open.push(await connect(server.url, token, () => arrivals.push(performance.now() - committed)))
    }
    await pause(1000)
    const after = server.memoryMb()
    for (let n = 1; n <= EVENTS; n++) {
      committed = performance.now()
      await client.query(EVENT, [database.company_id])
      while (arrivals.length < n * sockets) await pause(2)
    }
    const sorted = arrivals.toSorted((a, b) => a - b)
    const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN
    return { sockets, p50Ms: at(0.5), p95Ms: at(0.95), kbPerSocket: ((after - before) * 1024) / sockets }
  } finally {
    for (const socket of open) socket.terminate()
    await client.end()
    await server.stop()
  }
}

export const describeLive = ({ sockets, p50Ms, p95Ms, kbPerSocket }: LiveFigures): string =>
  `Live events: one to ${sockets} sockets of one process, p50 ${p50Ms.toFixed(0)} ms, p95 ${p95Ms.toFixed(0)} ms; ${kbPerSocket.toFixed(1)} KB a socket\n`

async function connect(url: string, token: string, onEvent: () => void): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/ws`, ['bearer', token])
  const { promise: established, resolve, reject } = Promise.withResolvers<void>()
  socket.on('error', reject)
  socket.on('message', (text: Buffer) => {
    if (text.includes('"connection:established"')) resolve()
    else if (text.includes('"notification:new"')) onEvent()
  })
  await established
  return socket
}

async function logIn(url: string, username: string, password: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ username, password }),
  })
  const { access_token } = (await reply.json()) as { access_token?: string }
  if (!access_token) throw new Error(`log-in of ${username}: ${reply.status}`)
  return access_token
}

/** Makes so many users members of the company; they have the bench's password. */
async function addMembers(database: BenchDatabase, count: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    const { rows } = await client.query<{ username: string }>(MEMBERS, [database.company_id, database.username, count])
    return rows.map(({ username }) => username)
  } finally {
    await client.end()
  }
}

const MEMBERS = `
  WITH made AS (
    INSERT INTO users (email, username, password_hash)
    SELECT 'live' || n || '@example.com', 'live' || n, (SELECT password_hash FROM users WHERE username = $2)
    FROM generate_series(1, $3::int) n RETURNING id, username
  ), member AS (
    INSERT INTO user_company_roles (user_id, company_id, role_id, is_default)
    SELECT made.id, $1, roles.id, true FROM made, roles WHERE codename = 'editor' AND company_id IS NULL
  )
  SELECT username FROM made`

const EVENT = `INSERT INTO events (company_id, type, data) VALUES ($1, 'notification:new', '{"title": "An event of usual size"}')`
