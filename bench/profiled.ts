import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

/**
 * FastVue with a CPU profiler in the same process: `main.ts` as it is, plus one message to start sampling and one to
 * stop and write the profile to the file named in it.
 */
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.setSamplingInterval', { interval: 200 }) // microseconds

process.on('message', (command: { profile: 'start' } | { profile: 'stop'; file: string }) => {
  void obey(command).then(() => process.send?.(command.profile))
})

async function obey(command: { profile: 'start' } | { profile: 'stop'; file: string }): Promise<void> {
  if (command.profile === 'start') return session.post('Profiler.start')
  const { profile } = await session.post('Profiler.stop')
  writeFileSync(command.file, JSON.stringify(profile))
}

await import('../main.ts')
