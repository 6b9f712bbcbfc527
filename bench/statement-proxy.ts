import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

export interface StatementProxy {
  /** Where to connect instead of the database. */
  url: string
  /** The statements sent since it was last asked, one entry for each execution. */
  take(): string[]
  close(): void
}

/**
 * Stands between a server and PostgreSQL and notes every statement that is executed: what goes over the wire is the
 * truth, whatever a driver or a layer says. https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function openStatementProxy(databaseUrl: string): Promise<StatementProxy> {
  const target = new URL(databaseUrl)
  let executed: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const database = connect(Number(target.port || 5432), target.hostname)
    const note = reader((statement) => executed.push(statement))
    client.on('data', note).pipe(database)
    database.pipe(client)
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.on('error', () => {}) // the other end was stopped
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    take() {
      const taken = executed
      executed = []
      return taken
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Reads the messages of one connection, in whatever pieces they come. */
function reader(onStatement: (text: string) => void) {
  const texts = new Map<string, string>() // prepared statements by name
  let bound = ''
  let rest: Buffer = Buffer.alloc(0)
  let started = false
  return (piece: Buffer) => {
    rest = Buffer.concat([rest, piece])
    for (;;) {
      const kind = started ? 1 : 0 // only the first message has no letter in front
      if (rest.length < kind + 4) return
      const end = kind + rest.readInt32BE(kind)
      if (rest.length < end) return
      const body = rest.subarray(kind + 4, end)
      const letter = started ? String.fromCharCode(rest[0] ?? 0) : 'startup'
      started = true
      rest = rest.subarray(end)
      const [first = '', second = ''] = body.toString().split('\0', 2)
      if (letter === 'Q') onStatement(first)
      else if (letter === 'P') texts.set(first, second)
      else if (letter === 'B') bound = second
      else if (letter === 'E') onStatement(texts.get(bound) ?? '')
    }
  }
}
