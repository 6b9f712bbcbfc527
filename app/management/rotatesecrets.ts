import { type Rotation, rotateSecrets } from '../services/auth/secret-rotation.ts'
import type { ManagementCommand } from './command.ts'
import { migratedDatabase } from './migrated-database.ts'

export const rotatesecrets: ManagementCommand = {
  name: 'rotatesecrets',
  group: 'Users',
  summary: 'Seal under SECRET_KEY the stored secrets still under SECRET_KEY_PREVIOUS',
  example: './manage rotatesecrets',
  async run(invocation) {
    const { terminal, settings } = invocation
    const rotation = await rotateSecrets(await migratedDatabase(invocation), settings)
    terminal.show(rotation, () => report(rotation))
    return rotation.failed > 0 ? 1 : 0
  },
}

function report({ resealed, unchanged, failed, failed_user_ids }: Rotation): string {
  const done = `Secrets sealed under SECRET_KEY: ${resealed} now, ${unchanged} before`
  if (failed === 0) return done
  const users = failed_user_ids.join(', ') + (failed > failed_user_ids.length ? ', …' : '')
  return `${done}\nSecrets that neither SECRET_KEY nor SECRET_KEY_PREVIOUS opens: ${failed}, of the users with id ${users}`
}
