import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFile,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { getSystemErrorMessage, promisify } from 'node:util'
import { OperatorError } from './operator-error.ts'

/** Adds text to the end; done once it is written. */
export type Write = (text: string) => Promise<void>

/**
 * Writes a file that appears whole or not at all, with the folders above it, for its owner alone to read. It grows beside its
 * place and is moved there when `work` is done; until then a file that is there stays as it is. When `work` fails nothing is left,
 * and at once when `signal` is aborted: the process may end before `work` does.
 * @throws OperatorError where it cannot be written
 */
export async function writeWholeFile<R>(
  path: string,
  signal: AbortSignal,
  work: (write: Write) => Promise<R>,
): Promise<R> {
  signal.throwIfAborted()
  const explained = async <T>(step: () => T | Promise<T>): Promise<T> => {
    try {
      return await step()
    } catch (error) {
      throw isErrno(error) ? new OperatorError(`${path}: ${getSystemErrorMessage(error.errno)}`) : error
    }
  }
  const draft = await explained(() => new Draft(path, signal))
  try {
    const result = await work((text) => explained(() => draft.write(text)))
    await explained(() => draft.sync())
    signal.throwIfAborted()
    await explained(() => draft.publish())
    return result
  } finally {
    draft.end()
  }
}

class Draft {
  readonly #target: string
  readonly #path: string
  readonly #firstFolder: string | undefined
  readonly #file: number
  readonly #signal: AbortSignal

  constructor(path: string, signal: AbortSignal) {
    this.#target = targetOf(path)
    const folder = dirname(this.#target)
    this.#firstFolder = existsSync(folder) ? undefined : mkdirSync(folder, { recursive: true })
    this.#path = join(folder, `.draft-${crypto.randomUUID()}`)
    this.#file = this.#open()
    this.#signal = signal
    signal.addEventListener('abort', this.#remove)
  }

  // Not awaited: a file that is opened while the process ends would be left.
  #open(): number {
    try {
      return openSync(this.#path, 'wx', 0o600)
    } catch (error) {
      this.#remove()
      throw error
    }
  }

  write(text: string): Promise<void> {
    return promisify(writeFile)(this.#file, text)
  }

  sync(): Promise<void> {
    return promisify(fsync)(this.#file)
  }

  publish(): void {
    renameSync(this.#path, this.#target)
    syncFolder(dirname(this.#target))
  }

  end(): void {
    this.#signal.removeEventListener('abort', this.#remove)
    closeSync(this.#file)
    this.#remove()
  }

  /** Takes away what is not published, and the folders that were made for it. */
  readonly #remove = (): void => {
    rmSync(this.#path, { force: true })
    if (this.#firstFolder === undefined || existsSync(this.#target)) return
    for (let folder = dirname(this.#path); folder.startsWith(this.#firstFolder); folder = dirname(folder)) {
      try {
        rmdirSync(folder)
      } catch {
        return // somebody else has put something into it
      }
    }
  }
}

/** Where a link leads is what is replaced, never the link; and never what is no file, such as /dev/stdout. */
function targetOf(path: string): string {
  const target = existsSync(path) ? realpathSync(path) : resolve(path)
  if (!existsSync(target)) return target
  const found = statSync(target)
  if (found.isDirectory()) throw new OperatorError(`${path}: is a folder`)
  if (!found.isFile()) throw new OperatorError(`${path}: is not a file`)
  accessSync(target, constants.W_OK)
  return target
}

/** So that a power cut does not undo the move. Not every file system can, and the file is there already. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch {}
}

const isErrno = (error: unknown): error is NodeJS.ErrnoException & { errno: number } =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number'
