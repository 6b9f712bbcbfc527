/**
 * Says something to the process that started this one as a server, and waits until it says the same. Connections that it
 * takes for this process and has sent before its answer are here by then.
 */
export async function askParent(message: 'turn' | 'closed'): Promise<void> {
  if (!process.connected) return
  const { promise, resolve } = Promise.withResolvers<void>()
  // It says other things, too.
  const hear = (heard: unknown) => {
    if (heard === message) resolve()
  }
  process.on('message', hear)
  process.send?.(message)
  await promise.finally(() => process.off('message', hear))
}
