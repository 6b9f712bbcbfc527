import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { SERVER_URL } from './server-databases.ts'

/** The way to the tests' server that refuses one of its databases, as a pg_hba.conf does. */
export async function closedDatabase(name: string) {
  const { hostname, port } = new URL(SERVER_URL ?? '')
  const fields = `SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for database "${name}"\0\0`
  const refusal = Buffer.alloc(5 + Buffer.byteLength(fields))
  refusal.write('E')
  refusal.writeInt32BE(refusal.length - 1, 1)
  refusal.write(fields, 5)
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (startUp) => {
      if (startUp.includes(`database\0${name}\0`)) {
        socket.end(refusal)
      } else {
        const onward = connect(Number(port || 5432), hostname)
        onward.on('error', () => socket.destroy()).write(startUp)
        socket.pipe(onward).pipe(socket)
      }
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(SERVER_URL ?? '')
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: url.href, close: () => server.close() }
}
