import Table from 'cli-table3'
import { PARTS } from './attribution.ts'
import { budget } from './budget.ts'
import type { Comparison, Plan } from './comparison.ts'
import type { GuardCost } from './guard.ts'
import type { LogInCost } from './log-in.ts'
import type { OperationProfile } from './profiling.ts'
import type { StartCost } from './start.ts'
import type { StatementCount } from './statements.ts'

/** Everything one run measured; also what `bench/results/` keeps. */
export interface Report extends Plan {
  at: string
  node: string
  comparisons: Comparison[]
  profiles: OperationProfile[]
  statements: StatementCount[]
  guard: GuardCost[]
  logIn: LogInCost
  start: StartCost
}

/** The budgets of `docs/benchmarks.md`. */
const BUDGET = {
  ratio: 0.6,
  statements: 2,
  permissionUs: 2,
  guardUs: 15,
  secondProcess: 1.6,
  startMs: 1000,
  reloadMs: 1500,
  memoryMb: 200,
}

/** The report as text: figures, where the time goes, budgets. */
export function describe(report: Report): string {
  return [
    `${report.connections} connections, ${report.rounds} rounds of ${report.seconds} s each, Node ${report.node}`,
    figures(report.comparisons),
    'Microseconds of the event loop per request, and the share of each part',
    shares(report.profiles),
    ...budgets(report),
    '',
  ].join('\n')
}

function figures(comparisons: Comparison[]): string {
  const table = new Table({
    head: ['', 'FastVue req/s', 'p50 ms', 'p99 ms', 'bare req/s', 'p50 ms', 'p99 ms', 'ratio (min–max)', 'faults'],
    style: PLAIN,
  })
  for (const { operation, fastvue, baseline, ratio, faults } of comparisons) {
    const sides = [fastvue, baseline].flatMap((side) => [
      side.perSecond.toFixed(0),
      side.p50.toFixed(1),
      side.p99.toFixed(1),
    ])
    const spread = `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`
    table.push([operation, ...sides, spread, faults])
  }
  return table.toString()
}

function shares(profiles: OperationProfile[]): string {
  const table = new Table({ head: ['', ...profiles.map(({ operation }) => operation)], style: PLAIN })
  for (const part of PARTS)
    table.push([
      part,
      ...profiles.map(({ parts, total }) => {
        const time = parts[part] ?? 0
        return `${time.toFixed(0).padStart(4)} ${((time / total) * 100).toFixed(0).padStart(3)} %`
      }),
    ])
  table.push(['all', ...profiles.map(({ total }) => total.toFixed(0).padStart(4))])
  return table.toString()
}

function budgets({ comparisons, statements, guard, logIn, start }: Report): string[] {
  const most = Math.max(...statements.map((count) => count.statements.length))
  const permission = Math.max(...guard.map((cost) => cost.permission))
  const whole = Math.max(...guard.map((cost) => cost.guard))
  const second = logIn.twoProcesses / logIn.oneProcess
  return [
    ...comparisons.map(({ operation, ratio }) =>
      budget(
        `${operation}: ${ratio.median.toFixed(2)} of bare, at least ${BUDGET.ratio}`,
        ratio.median >= BUDGET.ratio,
      ),
    ),
    budget(`statements per request: ${most} + scope, at most ${BUDGET.statements}`, most <= BUDGET.statements),
    budget(
      `permission check: ${guard.map((cost) => `${cost.permission.toFixed(2)} µs with ${cost.rules} rules`).join(', ')}; at most ${BUDGET.permissionUs} µs`,
      permission <= BUDGET.permissionUs,
    ),
    budget(
      `the whole guard: ${guard.map((cost) => `${cost.guard.toFixed(2)} µs`).join(', ')}; at most ${BUDGET.guardUs} µs`,
      whole <= BUDGET.guardUs,
    ),
    budget(
      `log-in with one hashing thread a process: ${logIn.oneProcess.toFixed(0)}/s, ${((logIn.oneProcess / logIn.argon2) * 100).toFixed(0)} % of argon2 alone; a second process makes it ${second.toFixed(2)} ×, at least ${BUDGET.secondProcess}`,
      second >= BUDGET.secondProcess,
    ),
    budget(`start: ${start.startMs.toFixed(0)} ms, at most ${BUDGET.startMs}`, start.startMs <= BUDGET.startMs),
    ...Object.entries(start.reloadMs).map(([database, ms]) =>
      budget(`reload, ${database}: ${ms.toFixed(0)} ms, at most ${BUDGET.reloadMs}`, ms <= BUDGET.reloadMs),
    ),
    budget(
      `memory at rest: ${start.memoryMb.toFixed(0)} MB, at most ${BUDGET.memoryMb}`,
      start.memoryMb <= BUDGET.memoryMb,
    ),
  ]
}

const PLAIN = { head: [], border: [] }
