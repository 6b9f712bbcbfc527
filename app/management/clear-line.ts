import type { Interface } from 'node:readline'

/** Takes back what is typed at a prompt, as a person would: to the end of the line, and away with all before it. */
export function clearLine(prompt: Interface): void {
  for (const name of ['e', 'u']) prompt.write(null, { ctrl: true, name })
}
