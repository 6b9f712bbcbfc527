import { writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'

/**
 * Reads what `npm audit --json` says and judges it: exit code 1 where something high or critical is known of a package of
 * production. A registry that has no audit service is named, and is no failure. With a path, writes what count.ts adds up.
 */
interface Report {
  message?: string
  metadata?: { vulnerabilities?: Record<string, number> }
  vulnerabilities?: Record<string, { severity: string }>
}

const report = parse(await text(process.stdin))
const counts = report.metadata?.vulnerabilities
const grave = (counts?.['high'] ?? 0) + (counts?.['critical'] ?? 0)
process.stdout.write(`${verdict()}\n`)
const [path] = process.argv.slice(2)
if (path) writeFileSync(path, JSON.stringify({ numPassedTests: 0, numFailedTests: grave, success: grave === 0 }))
process.exit(grave === 0 ? 0 : 1)

function verdict(): string {
  if (!counts) return `npm audit: NOT CHECKED, the registry gives no advisories here (${report.message ?? 'no answer'})`
  if (grave === 0) return `npm audit: nothing high or critical (${counts['total'] ?? 0} lesser findings)`
  const named = Object.entries(report.vulnerabilities ?? {}).filter(([, { severity }]) =>
    /high|critical/.test(severity),
  )
  return `npm audit: ${named.map(([name, { severity }]) => `${name} (${severity})`).join(', ')}; see npm audit --omit=dev`
}

function parse(json: string): Report {
  try {
    return JSON.parse(json) as Report
  } catch {
    return {}
  }
}
