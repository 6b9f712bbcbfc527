/** The beginning of a text on one line, of at most so many characters; no character is cut in half. */
export const clip = (text: string, most: number): string =>
  [...text.slice(0, most * 2)].slice(0, most).join('').replaceAll(/\s+/g, ' ').trim()
