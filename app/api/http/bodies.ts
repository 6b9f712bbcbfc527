import formbody from '@fastify/formbody'
import { AppError } from '../../core/errors.ts'
import { LIMITS } from '../../core/limits.ts'
import { readJson } from '../../core/read-json.ts'
import { type JsonExcess, jsonExcess } from './json-text.ts'
import type { App } from './type-provider.ts'

const EXCESS: Record<JsonExcess, string> = {
  json_too_deep: `nests deeper than ${LIMITS.jsonDepth} levels`,
  json_too_many_values: `has more than ${LIMITS.jsonValues} values and keys`,
}

/**
 * Bodies are JSON: any other is a 415. An empty one is none, as clients send it that always name a type. A key that would
 * change what objects are made of (`__proto__`, `constructor.prototype`) is refused at any depth.
 */
export function acceptJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null)
    const excess = jsonExcess(body, LIMITS)
    if (excess) return done(bodyFault(EXCESS[excess], excess))
    return parse(request, body, (error, value) =>
      error && readJson(body) !== undefined ? done(FORBIDDEN_KEY) : done(error, value),
    )
  })
}

/** Takes forms too, of a few fields. */
export async function acceptForms(app: App): Promise<void> {
  await app.register(formbody, { bodyLimit: LIMITS.formBytes, parser: fieldsOf })
}

/** The fields of a form; of a name that comes again, all of its values. @throws AppError `validation_error` */
function fieldsOf(text: string): Record<string, string | string[]> {
  if (text.split('&', LIMITS.formFields + 1).length > LIMITS.formFields)
    throw bodyFault(`has more than ${LIMITS.formFields} fields`, 'form_too_many_fields')
  const fields = new URLSearchParams(text)
  const named = [...new Set(fields.keys())].map((name) => {
    const values = fields.getAll(name)
    return [name, values.length > 1 ? values : (values[0] ?? '')] as const
  })
  return Object.fromEntries(named)
}

const bodyFault = (msg: string, type: string) => new AppError('validation_error', [{ loc: ['body'], msg, type }])
const FORBIDDEN_KEY = bodyFault(
  'has a key `__proto__` or `constructor.prototype`, which is not allowed',
  'json_forbidden_key',
)
