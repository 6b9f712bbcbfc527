import { existsSync, readFileSync } from 'node:fs'

/** Adds up vitest's reports. A run without one (lint or types stopped it) counts as one failure. */
const reports = process.argv.slice(2).map((path) => {
  if (!existsSync(path)) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(path, 'utf8')) as Record<
    string,
    number | boolean
  >
  // A file that cannot be loaded fails without a failed test.
  return { passed: Number(numPassedTests), failed: Math.max(Number(numFailedTests), success ? 0 : 1) }
})
const sum = (key: 'passed' | 'failed') => reports.reduce((total, report) => total + report[key], 0)
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1)
