import { Option } from 'commander'
import { z } from 'zod'
import { type Check, LEVELS, areaOf, levelOf } from '../services/checks/check.ts'
import { CHECKS, type Finding, checksOf, runChecks } from '../services/checks/index.ts'
import { lookAt } from '../services/checks/subject.ts'
import { choice } from './choice.ts'
import type { Invocation, ManagementCommand } from './command.ts'
import type { Terminal } from './terminal.ts'

const Options = z.object({
  deploy: z.boolean().default(false),
  failLevel: z.enum(LEVELS),
  only: z.array(z.string()).default([]),
  list: z.boolean().default(false),
})

export const check: ManagementCommand = {
  name: 'check',
  group: 'Development',
  summary: 'Look for what is wrong with the set-up',
  example: './manage check --deploy --fail-level WARNING',
  configure(parser) {
    const areas = [...new Set(CHECKS.map(areaOf))]
    parser
      .option('--deploy', 'judge as production, and look for what must not be deployed')
      .addOption(choice('--fail-level <level>', 'exit 1 from this level on', LEVELS).default('ERROR'))
      .addOption(new Option('--only <area...>', 'look at these areas only').choices(areas))
      .option('--list', 'show every check and what it looks for, and run none')
  },
  async run(invocation) {
    const { terminal, settings } = invocation
    const { deploy, failLevel, only, list } = Options.parse(invocation.options)
    const isWanted = (one: Check) => only.length === 0 || only.includes(areaOf(one))
    const loud = checksOf(settings)
    if (list) return showList(terminal, CHECKS.filter(isWanted), loud)
    const checks = loud.filter((one) => isWanted(one) && (deploy || !one.deploy))
    const findings = await runChecks(checks, await subjectOf(invocation, deploy))
    terminal.show(findings, () => report(terminal, checks.length, findings, settings.SILENCED_CHECKS))
    return findings.some(({ level }) => LEVELS.indexOf(level) >= LEVELS.indexOf(failLevel)) ? 1 : 0
  },
}

const subjectOf = ({ settings, database, terminal }: Invocation, deploy: boolean) =>
  lookAt({ settings, env: terminal.streams.env, production: deploy || settings.ENVIRONMENT === 'production' }, database)

const COLOURS = { DEBUG: 'gray', INFO: 'gray', WARNING: 'yellow', ERROR: 'red', CRITICAL: 'red' } as const

function report(terminal: Terminal, ran: number, findings: Finding[], silenced: string[]): string {
  const lines = findings.flatMap(({ id, level, message, hint }) => [
    `${terminal.paint(COLOURS[level], level)} ${id}: ${message}`,
    `  ${hint}`,
  ])
  const summary = `${ran} check${ran === 1 ? '' : 's'}, ${findings.length === 0 ? 'nothing found' : `${findings.length} found`}`
  return [...lines, summary + (silenced.length > 0 ? `; silenced: ${silenced.join(', ')}` : '')].join('\n')
}

function showList(terminal: Terminal, checks: Check[], loud: Check[]): void {
  const rows = checks.map((one) => ({
    id: one.id,
    level: levelOf(one),
    about: one.about,
    hint: one.hint,
    deploy: one.deploy === true,
    silenced: !loud.includes(one),
  }))
  terminal.show(rows, () =>
    rows
      .map(({ id, about, deploy, silenced }) => {
        const notes = [...(deploy ? ['with --deploy'] : []), ...(silenced ? ['silenced'] : [])]
        return `${id.padEnd(16)} ${about}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
      })
      .join('\n'),
  )
}
