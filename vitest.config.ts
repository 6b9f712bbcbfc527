import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first.ts'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    // One database per worker process, so the modules that hold it are loaded once per worker, not once per file.
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Limits, for machines that do much else at the same time: what passes waits for none of them.
    expect: { poll: { timeout: 60_000, interval: 20 } },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    globalSetup: 'tests/support/global-setup.ts',
    coverage: { include: ['app/**'], reporter: ['text-summary', 'html'] },
  },
})
