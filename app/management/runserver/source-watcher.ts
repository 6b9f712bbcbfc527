import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'

// An editor or a `git checkout` writes several times: a change is over when nothing has been written for so long.
const QUIET_MS = 60

/** Watches what a server is made of: TypeScript below `app/`, `main.ts` and `.env`. */
export class SourceWatcher {
  readonly #watchers: FSWatcher[]
  #change = Promise.withResolvers<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(directory: string) {
    const isSource = (name: string) => name.endsWith('.ts')
    const isAtTheTop = (name: string) => name === 'main.ts' || name === '.env'
    this.#watchers = [
      watch(join(directory, 'app'), { recursive: true }, (_, name) => name && isSource(name) && this.#note(name)),
      watch(directory, (_, name) => name && isAtTheTop(name) && this.#note(name)),
    ]
  }

  /** Waits for the next change; one that came since the last call is one. @returns the file that changed last */
  async next(): Promise<string> {
    const name = await this.#change.promise
    this.#change = Promise.withResolvers<string>()
    return name
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
  }

  #note(name: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#change.resolve(name), QUIET_MS)
  }
}
