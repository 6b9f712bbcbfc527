import type { FastifyRequest } from 'fastify'
import { isApiKey, keyHash } from '../core/api-keys.ts'
import type { Claims, Tokens } from '../core/tokens.ts'
import type { Credential } from '../services/principal-store.ts'

/** What a request says whose it is. */
export interface Bearer {
  credential: Credential
  /** What an access token says; an API key says nothing of itself. */
  claims: Claims | undefined
}

/** The token or API key of `Authorization: Bearer …` (RFC 6750 §2.1), if there is one. */
export function bearerIn({ authorization }: FastifyRequest['headers']): string | undefined {
  const [scheme, token] = authorization?.split(' ') ?? []
  return scheme?.toLowerCase() === 'bearer' ? token : undefined
}

/** Reads a token or an API key; whether it is still good is for `PrincipalStore` to say. @throws AppError `not_authenticated` */
export function readBearer(token: string, tokens: Tokens): Bearer {
  if (isApiKey(token)) return { credential: { key_hash: keyHash(token) }, claims: undefined }
  const claims = tokens.verify(token, 'access')
  return { credential: { session_id: claims.sid }, claims }
}
