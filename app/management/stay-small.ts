import { setFlagsFromString } from 'node:v8'

/**
 * Keeps this process small while it works through more than fits into memory. Left alone, V8 lets garbage grow to four times
 * what is in use: 320 MB for a large file instead of 220, for a tenth of the time.
 */
export function staySmall(): void {
  setFlagsFromString('--heap-growing-percent=50')
}
