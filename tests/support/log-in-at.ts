import { bearer } from './caller.ts'
import { PASSWORD } from './password.ts'

/** Logs in at a server of its own process, as the manager of the baseline unless told otherwise. @returns the access token */
export async function tokenAt(url: string, username = 'manager', password = PASSWORD): Promise<string> {
  const body = JSON.stringify({ username, password })
  const headers = { 'content-type': 'application/json', connection: 'close' }
  const reply = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body, headers })
  if (!reply.ok) throw new Error(`${username} cannot log in: ${reply.status} ${await reply.text()}`)
  return ((await reply.json()) as { access_token: string }).access_token
}

/** The same. @returns the header of what follows */
export const logInAt = async (...where: Parameters<typeof tokenAt>) => bearer(await tokenAt(...where))
