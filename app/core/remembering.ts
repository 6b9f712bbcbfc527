/** Work that is done once for all who ask while it is done, and whose result is good for so many milliseconds after. */
export function remembering<R>(milliseconds: number, work: () => Promise<R>): () => Promise<R> {
  let last: Promise<R> | undefined
  let until = Infinity
  return () => {
    if (last && performance.now() < until) return last
    until = Infinity
    last = work().finally(() => (until = performance.now() + milliseconds))
    return last
  }
}
