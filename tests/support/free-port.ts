import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the ports that the kernel gives to connections: what is free now is free after a restart.
const [FIRST, COUNT] = [20_000, 12_000]

/** A port of 127.0.0.1 that nothing listens on, for a program that must be told one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    const server = createServer().listen(port, '127.0.0.1')
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (free) return port
  }
}
