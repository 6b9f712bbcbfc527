import { once } from 'node:events'

/**
 * Says something to the process that started this one as a server, and waits until it says the same. Connections that it
 * takes for this process and has sent before its answer are here by then.
 */
export async function askParent(message: 'turn' | 'closed'): Promise<void> {
  if (!process.connected) return
  const answer = once(process, 'message')
  process.send?.(message)
  await answer
}
