import { Secret, TOTP } from 'otpauth'

// SHA-1, 6 digits, 30 seconds: what every authenticator app knows, and some know nothing else (RFC 6238).
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 }
/** Steps before and after the present one whose codes are good too: clocks differ, and typing takes time (RFC 6238 §5.2). */
const WINDOW = 1

/** A new secret: 160 random bits (RFC 4226 §4), in base32 as authenticator apps take it. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

/** What the QR code of a secret says. */
export const totpUrl = (secret: string, { issuer, account }: { issuer: string; account: string }): string =>
  new TOTP({ ...PARAMETERS, secret, issuer, label: account }).toString()

/** Whether a text looks like a code. Only ASCII digits: the library throws at others. */
export const isTotpCode = (text: string): boolean => /^\d{6}$/.test(text)

/** The 30-second step, counted since 1970, whose code this is; undefined when it is none near the moment `at` (milliseconds). */
export function matchingStep(secret: string, code: string, at = Date.now()): number | undefined {
  if (!isTotpCode(code)) return undefined
  const totp = new TOTP({ ...PARAMETERS, secret })
  const delta = totp.validate({ token: code, timestamp: at, window: WINDOW })
  return delta === null ? undefined : totp.counter({ timestamp: at }) + delta
}
