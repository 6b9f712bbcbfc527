/** Of the names, the three that are most like a misspelt one, the likest first. */
export function nearest(misspelt: string, names: Iterable<string>): string[] {
  const ranked = [...names].map((name) => ({ name, distance: distanceOf(misspelt.toLowerCase(), name) }))
  return ranked
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name)
}

/** How many letters must be typed anew, added or left out (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (const [n, letter] of a.split('').entries()) {
    const next = [n + 1]
    for (const [m, other] of b.split('').entries())
      next.push(Math.min((next[m] ?? 0) + 1, (row[m + 1] ?? 0) + 1, (row[m] ?? 0) + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1) ?? 0
}
