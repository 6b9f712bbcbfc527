import { type AddressInfo, createServer } from 'node:net'
import { once } from 'node:events'

/** A PostgreSQL server that answers every log-in with an error: what to do about it is the same whatever server it was. */
export async function refusingServer(code: string, message: string) {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0\0`
  const reply = Buffer.alloc(5 + Buffer.byteLength(fields))
  reply.write('E')
  reply.writeInt32BE(reply.length - 1, 1)
  reply.write(fields, 5)
  const server = createServer((socket) => socket.once('data', () => socket.end(reply)).on('error', () => {}))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `postgres://anna:wrong@127.0.0.1:${port}/shop`, close: () => server.close() }
}
