import { setTimeout as pause } from 'node:timers/promises'
import { type Settings, loadSettings } from '../core/config.ts'
import type { Engine } from '../db/engine.ts'
import { type Candidate, candidatesFor } from './completion/candidates.ts'
import { valuesFrom } from './completion/values.ts'
import type { Streams } from './streams.ts'

/** The command that shells call; people do not see it. */
export const COMPLETE = 'complete'

const PATIENCE_MS = 3000 // nobody waits longer for a Tab

/**
 * `./manage complete -- WORDS`: answers the scripts of `./manage completion`. The first line says what Tab may put in the
 * place of the last word: `files`, which the shell finds itself, or `values`, which follow, each with a tab and what it is,
 * where that is known. Whatever is wrong, nothing is said: somebody is in the middle of typing.
 */
export async function complete(
  words: string[],
  { stdout, env }: Streams,
  given: { settings?: () => Settings; database?: Engine },
): Promise<void> {
  const find = async () =>
    candidatesFor(words, (kind, typed) =>
      valuesFrom(given.settings?.() ?? settingsOf(env), given.database)(kind, typed),
    )
  const late = new AbortController()
  const found = await Promise.race([find(), pause(PATIENCE_MS, [], { signal: late.signal })]).catch(() => [])
  late.abort()
  stdout.write(found === 'files' ? 'files\n' : ['values', ...found.flatMap(line), ''].join('\n'))
}

/** No secret is needed here, and none must be made by a Tab: in development loading the settings would. */
const settingsOf = (env: NodeJS.ProcessEnv) =>
  loadSettings({ ...env, SECRET_KEY: 'no secret is needed for completion' })

// A shell puts a value into the line that Enter runs. What means anything to one of them is not offered at all: not a quote,
// not $(…), no blank, no control character. Usernames, codes and flags have none of these anyway.
const HARMLESS = /^[\p{L}\p{N}_.@+=-]+$/u

function line({ value, about }: Candidate): string[] {
  if (!HARMLESS.test(value)) return []
  return [about === undefined ? value : `${value}\t${about.replaceAll(/\p{C}+/gu, ' ')}`]
}
