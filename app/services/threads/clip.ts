/** The beginning of a text, on one line. Its length is in UTF-16 units, and half a character at its end is left out. */
export const clip = (text: string, most: number): string =>
  text
    .slice(0, most)
    .replace(/\p{Surrogate}$/u, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
