import { type AttackCase, SECRET } from '../attack.ts'
import { type Victim, item, open, own } from './case.ts'

const credential = (response: object) => ({ id: SECRET, rawId: SECRET, type: 'public-key', response })
const assertion = credential({ clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' })
const attestation = credential({ clientDataJSON: 'e30', attestationObject: 'AA' })
const proof = { password: 'wrong password', code: 'WRONG-CODES' }

export const secondFactorCases = ({ passkey_id }: Victim): Record<string, AttackCase> => ({
  'get /api/v1/auth/2fa': own([200]),
  'post /api/v1/auth/2fa/setup': own([200]),
  'post /api/v1/auth/2fa/verify': own([400], { code: proof.code }),
  'post /api/v1/auth/2fa/disable': own([400], proof),
  'post /api/v1/auth/2fa/backup-codes': own([400], proof),
  'post /api/v1/auth/passkeys/register/options': own([400], { password: proof.password }),
  'post /api/v1/auth/passkeys/register/verify': own([400], { credential: attestation }),
  'post /api/v1/auth/passkeys/login/options': open([200]),
  'post /api/v1/auth/passkeys/login/verify': open([401], { credential: assertion }),
  'get /api/v1/auth/passkeys': own([200]),
  'delete /api/v1/auth/passkeys/{id}': item(passkey_id),
})
