import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyProject } from '../support/project-copy.ts'
import { Running, SCRIPT, serverFolder } from '../support/running.ts'
import { copyBaselineFolder } from '../support/temporary-folder.ts'

const [CTRL_C, CTRL_D, UP] = ['\x03', '\x04', '\x1b[A']
const PROMPT = /fastvue> /

test.skipIf(!SCRIPT)(
  'on a terminal the shell outlives every Ctrl-C, remembers what was typed, and holds nothing open',
  async () => {
    using place = serverFolder()
    const project = join(place.path, 'project')
    await copyProject(project)
    copyBaselineFolder(place.database)
    const env = { ...place.env, TERM: 'xterm', NO_COLOR: '1' }
    await using shell = new Running(['manage.ts', 'shell'], { env, project, terminal: true })
    const enter = (line: string) => shell.type(`${line}\r`)
    await shell.said(/User, Company, Product[^]*Ctrl-D leaves\.\s/)
    await shell.said(PROMPT)

    enter('await db.select({ code: Company.code }).from(Company).where(eq(Company.code, "TEST"))')
    await shell.said(/│ TEST │\s[^]*\(1 row\)/)
    await shell.said(PROMPT)

    shell.type(`throw new Error("never")${CTRL_C}`) // a line
    shell.type(CTRL_C + CTRL_C) // none
    enter('[1, 2, (') // the first of several
    shell.type(CTRL_C)
    enter('await Promise.resolve("al" + "ive")')
    await shell.said(/'alive'/)

    enter('await new Promise(() => setTimeout(() => console.log("wait" + "ing")))')
    await shell.said(/waiting/)
    await cancel(shell)
    enter('console.log("end" + "less"); for (;;);')
    await shell.said(/endless/)
    await cancel(shell)

    enter('await Promise.resolve("sec" + "ond")')
    await shell.said(/'second'/)
    shell.type(`${UP}\r`)
    await shell.said(/'second'/)
    expect(shell.output).not.toContain('Uncaught Error')

    await using other = new Running(['manage.ts', 'showusers'], { env, project }) // while a person thinks
    expect(await other.ended()).toBe(0)
    expect(other.output).toContain('superuser@example.com')

    shell.type(CTRL_D)
    expect(await shell.ended()).toBe(0)
    const history = join(project, 'var', 'shell-history')
    expect(readFileSync(history, 'utf8')).toContain('"sec" + "ond"')
    expect(statSync(history).mode & 0o777).toBe(0o600)
  },
  240_000,
)

/**
 * Presses Ctrl-C until it has helped, as a person does: Node can lose one of the very moment in which a line writes something
 * or its prompt takes the terminal back. One too many takes back an empty line.
 */
async function cancel(shell: Running): Promise<void> {
  shell.type(CTRL_C)
  const again = setInterval(() => shell.type(CTRL_C), 1000)
  await shell.said(/Uncaught Cancelled/).finally(() => clearInterval(again))
}
