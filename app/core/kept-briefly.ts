/**
 * Answers of `ask` that are kept for so many milliseconds, and asked for once by all who want them at the same time: whoever
 * asks often, or many at once, costs what one costs. A failure is kept as long.
 */
export function keptBriefly<V>(ms: number, ask: () => Promise<V>): () => Promise<V> {
  let kept: Promise<V> | undefined
  let until = 0
  return () => {
    if (kept && performance.now() < until) return kept
    until = Infinity // while it is on its way
    kept = ask().finally(() => (until = performance.now() + ms))
    return kept
  }
}
