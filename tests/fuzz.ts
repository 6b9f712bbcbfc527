import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

/** `npm run fuzz -- --calls 100000 [--seed N] [--stop]`: the fuzzer by hand, for longer than the suite does it. See docs/testing.md. */
const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '100000' },
    seed: { type: 'string' }, // of a failure: makes its calls again
    stop: { type: 'boolean', default: false }, // at the first failure
  },
})

const env = {
  ...process.env,
  FUZZ_CALLS: options.calls,
  FUZZ_KEEP_GOING: String(!options.stop),
  ...(options.seed !== undefined && { FUZZ_SEED: options.seed }),
}
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', 'tests/integration/fuzz.test.ts', '--maxWorkers=1'], {
  env,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
