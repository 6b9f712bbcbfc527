import { type Command as Parser, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import type { Settings } from '../core/config.ts'

const Options = z.object({ host: z.string().optional(), port: z.number().optional() })

/** Declares where a server listens. */
export const addressOptions = (parser: Parser): Parser =>
  parser
    .option('--host <address>', 'address to listen on (default: HOST, else 0.0.0.0)')
    .option('--port <number>', 'port to listen on, 0 for any (default: PORT, else 8000)', between(0, 65_535))

/** The settings with the address that these options ask for. */
export function withAddress(settings: Settings, options: unknown): Settings {
  const { host, port } = Options.parse(options)
  return { ...settings, HOST: host || settings.HOST, PORT: port ?? settings.PORT }
}

/** An option's value: a whole number in these limits. */
export function between(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}
