import { askParent } from '../../app/core/parent-process.ts'

// A program of tests/integration/observability/workers.test.ts: says when it has its answer, and that it hears.
const say = (what: string) => process.send?.(what)
process.on('message', (message) => {
  if (message === 'ping') say('pong')
})
await askParent('turn')
say('answered')
process.disconnect?.()
