import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'

/** Whether a shell is on this machine. */
export const hasShell = (name: string): boolean => spawnSync(name, ['-c', 'exit 0']).status === 0

interface Place {
  /** Where it is called from, and the project of the script. */
  project: string
  env: NodeJS.ProcessEnv
  /** For what the shell has to write. */
  folder: string
}

/** Types each text and a Tab at the prompt of a real shell. @returns what the line is then */
export type TypeAndTab = (place: Place, texts: string[]) => Promise<string[]>

const [CTRL_T, CTRL_U] = ['\x14', '\x15']

export const bash: TypeAndTab = async (place, texts) => {
  const lines = join(place.folder, 'lines')
  const file = join(place.folder, 'bashrc')
  writeFileSync(
    file,
    `source <(./manage completion bash); bind -x '"\\C-t": printf "%s\\0" "$READLINE_LINE" >> ${lines}'`,
  )
  const input = texts.map((text) => `${text}\t${CTRL_T}${CTRL_U}`).join('')
  await run(place, ['bash', '--noprofile', '--rcfile', file, '-i'], input)
  return readFileSync(lines, 'utf8').split('\0').slice(0, -1)
}

/** zsh edits lines on a terminal only; its own module makes one. */
export const zsh: TypeAndTab = async (place, texts) => {
  const lines = join(place.folder, 'lines')
  const file = join(place.folder, 'zshrc')
  writeFileSync(lines, '')
  writeFileSync(
    file,
    `autoload -Uz compinit && compinit -u -d ${lines}.dump; source <(./manage completion zsh)
    show() { print -rn -- "$BUFFER"$'\\0' >> ${lines}; BUFFER= }; zle -N show; bindkey '^T' show
    bindkey '^I' complete-word; PS1=; print READ''Y`,
  )
  const script = `zmodload zsh/zpty; zpty z zsh -f -i
    zpty -w z 'source '"$1"; zpty -r z line '*READY*'
    for text in "\${@:2}"; do
      before=$(wc -c < ${lines})
      zpty -w -n z "$text"$'\\t\\C-t'
      while [[ $(wc -c < ${lines}) == $before ]]; do zpty -r -t z line; done
    done
    zpty -d z`
  await run(place, ['zsh', '-f', '-c', script, 'zsh', file, ...texts])
  return readFileSync(lines, 'utf8').split('\0').slice(0, -1)
}

/** fish says what it would offer; the line is what it would make of the only one. */
export const fish: TypeAndTab = async (place, texts) => {
  const script = `./manage completion fish | source
    for text in $argv; complete -C $text; printf '\\0'; end`
  const stdout = await run(place, ['fish', '-N', '-c', script, ...texts])
  const offers = stdout.split('\0').map((offered) => offered.split('\n').filter(Boolean))
  return texts.map((text, index) => {
    const [first = '', ...more] = offers[index] ?? []
    const [value = ''] = first.split('\t')
    if (value === '' || more.length > 0) return text
    return text.slice(0, text.search(/\S*$/)) + value + (value.endsWith('/') ? '' : ' ')
  })
}

/** Runs a shell in the project's folder. @returns what it says */
async function run({ project, env }: Place, [shell = '', ...args]: string[], input = ''): Promise<string> {
  const child = spawn(shell, args, {
    cwd: project,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], TERM: 'dumb', ...env },
  })
  child.stdin.end(input)
  return readAll(child.stdout)
}
