import { createClient } from '@redis/client'

export type Redis = ReturnType<typeof connect>

const START_MS = 2000

/**
 * A connection that comes back by itself. While Redis is away a command fails at once (`isReady` says so); where Redis takes
 * commands and answers nothing, it is for the caller not to wait.
 * @returns once it is there, or after two seconds all the same
 */
export async function openRedis(url: string): Promise<Redis> {
  const client = connect(url)
  client.on('error', () => {}) // it reconnects
  await Promise.race([
    client.connect().catch(() => {}),
    new Promise((resolve) => setTimeout(resolve, START_MS).unref()),
  ])
  return client
}

// With its queue commands would wait until Redis is back.
const connect = (url: string) => createClient({ url, disableOfflineQueue: true, socket: { connectTimeout: START_MS } })
