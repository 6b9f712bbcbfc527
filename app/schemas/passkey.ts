import { z } from 'zod'
import { Id, Timestamp, listResponse, text } from './common.ts'

// Names as in WebAuthn: a browser makes these of its credentials (`toJSON`) and takes them (`parse…OptionsFromJSON`).
// What a browser adds besides is not ours to refuse: it is left out.

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\w-]+$/, 'expected base64url')
const CredentialId = base64url(1400)

const credential = <Response extends z.ZodType>(response: Response) =>
  z.object({ id: CredentialId, rawId: CredentialId, type: z.literal('public-key'), response })

/** What a browser answers to the options of a log-in. */
export const PasskeyAssertion = credential(
  z.object({
    clientDataJSON: base64url(5000),
    authenticatorData: base64url(5000),
    signature: base64url(5000),
    userHandle: base64url(100).nullish(),
  }),
).meta({ id: 'PasskeyAssertion' })
export type PasskeyAssertion = z.output<typeof PasskeyAssertion>

/** What a browser answers to the options of a registration. */
export const PasskeyAttestation = credential(
  z.object({
    clientDataJSON: base64url(5000),
    attestationObject: base64url(20_000),
    transports: z.array(text(1, 30)).max(10).optional(),
  }),
).meta({ id: 'PasskeyAttestation' })
export type PasskeyAttestation = z.output<typeof PasskeyAttestation>

export const PasskeyRegisterRequest = z
  .strictObject({
    name: text(1, 100).default('Passkey').meta({ description: 'What its owner calls it' }),
    credential: PasskeyAttestation,
  })
  .meta({ id: 'PasskeyRegisterRequest' })

export const PasskeyLoginRequest = z.strictObject({ credential: PasskeyAssertion }).meta({ id: 'PasskeyLoginRequest' })

export const PasskeyResponse = z
  .object({ id: Id, name: z.string(), created_at: Timestamp, last_used_at: Timestamp.nullable() })
  .meta({ id: 'Passkey' })

export const PasskeysResponse = listResponse(PasskeyResponse).meta({ id: 'Passkeys' })

const Descriptors = z.array(z.object({ id: z.string(), type: z.string(), transports: z.array(z.string()).optional() }))

export const PasskeyCreationOptions = z
  .object({
    challenge: z.string(),
    rp: z.object({ name: z.string(), id: z.string().optional() }),
    user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
    pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
    timeout: z.int().optional(),
    excludeCredentials: Descriptors.optional(),
    authenticatorSelection: z
      .object({
        residentKey: z.string().optional(),
        requireResidentKey: z.boolean().optional(),
        userVerification: z.string().optional(),
      })
      .optional(),
    attestation: z.string().optional(),
  })
  .meta({ id: 'PasskeyCreationOptions' })

export const PasskeyRequestOptions = z
  .object({
    challenge: z.string(),
    rpId: z.string().optional(),
    allowCredentials: Descriptors.optional(),
    userVerification: z.string().optional(),
    timeout: z.int().optional(),
  })
  .meta({ id: 'PasskeyRequestOptions' })
