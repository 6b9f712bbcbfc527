/**
 * An emoji as it is kept: one that Unicode recommends for interchange (UTS #51), whole. Of an emoji that text shows as a plain
 * sign (`❤`), the form that shows as a picture (`❤️`), so that both are one. Undefined for anything else.
 */
export function emojiOf(text: string): string | undefined {
  if (text.length > LONGEST) return undefined
  return [text, `${text}\uFE0F`].find((form) => EMOJI.test(form))
}

// The longest are families and flags of regions: below 40 UTF-16 units. Without `+`: exactly one.
const LONGEST = 64
const EMOJI = /^\p{RGI_Emoji}$/v
