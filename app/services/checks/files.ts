import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Settings } from '../../core/config.ts'
import type { Check } from './check.ts'

const LEAST_FREE_MB = 100
const OTHERS = 0o006 // may read or write

export const fileChecks: Check[] = [
  {
    id: 'files.E001',
    about: 'The log cannot be written',
    hint: 'Correct LOG_DIR, or who may write there',
    start: 'left out',
    find({ settings: { LOG_DIR } }) {
      const file = join(LOG_DIR, 'fastvue.log')
      const path = nearestThere(file)
      const isWrongKind = statSync(path).isDirectory() === (path === file) // in a container the file leads to stdout
      return isWrongKind || !isWritable(path) ? `${path} is not to be written to (LOG_DIR)` : undefined
    },
  },
  {
    id: 'files.W001',
    about: `A disk that is written to has less than ${LEAST_FREE_MB} MB left`,
    hint: 'Make room: a full disk stops the database and loses the log',
    start: 'left out',
    async find({ settings }) {
      const left = await Promise.all(writtenFolders(settings).map(freeMegabytes))
      const full = left.flatMap(({ path, free }) => (free < LEAST_FREE_MB ? [`${path} has ${free} MB left`] : []))
      return full.length > 0 ? full.join(', ') : undefined
    },
  },
  {
    id: 'files.W002',
    about: 'Every user of this machine may read or change a file of secrets',
    hint: 'chmod o-rwx on it',
    find({ production, settings: { directory } }) {
      const files = ['var/secret.key', ...(production ? ['.env'] : [])]
      const open = files.filter((file) => process.platform !== 'win32' && modeOf(join(directory, file)) & OTHERS)
      return open.length > 0 ? `Others may read or change ${open.join(', ')}` : undefined
    },
  },
]

const writtenFolders = ({ LOG_DIR, DATABASE }: Settings): string[] => [
  LOG_DIR,
  ...(DATABASE.kind === 'embedded' ? [DATABASE.path] : []),
]

async function freeMegabytes(path: string): Promise<{ path: string; free: number }> {
  const { bavail, bsize } = await statfs(nearestThere(path))
  return { path, free: Math.floor((bavail * bsize) / 1024 / 1024) }
}

/** The path, or the nearest folder above it that is there already. */
function nearestThere(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path))
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const modeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mode ?? 0
