import { PASSWORD } from './password.ts'

/** Logs in as the manager of the baseline at a server of its own process. @returns the header of what follows */
export async function logInAt(url: string): Promise<{ authorization: string }> {
  const body = JSON.stringify({ username: 'manager', password: PASSWORD })
  const headers = { 'content-type': 'application/json', connection: 'close' }
  const reply = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', body, headers })
  const { access_token } = (await reply.json()) as { access_token: string }
  return { authorization: `Bearer ${access_token}` }
}
