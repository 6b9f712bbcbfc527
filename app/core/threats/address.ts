import { isSecretName } from '../secret-names.ts'
import { type Suspicion, encodingFinding, look } from './look.ts'
import { nameOf } from './where.ts'

/** Headers that reach logs and reports, and that scanners fill. */
const HEADERS = ['user-agent', 'referer', 'x-forwarded-for', 'x-forwarded-host', 'x-api-version'] as const
/** Of a query with more, so many from its beginning and its end are looked at. */
const MOST_PARAMETERS = 100
const MOST_SEGMENTS = 30
const ENCODED_SIGN = /%(?:2e|2f|5c|25|00|c0|c1|u00)/i

// What nearly all requests of a program of ours are like: passed over in one look.
const PLAIN_PATH = /^\/(?:[\w-]{1,40}\/?)?$|^\/api\/v1\/[a-z\d/-]*$/
const PLAIN_QUERY = /^[\w=&,:.%-]*$/
const NOT_PLAIN =
  /\.\.|--|%|__(?:proto|class|mro|base|sub|glob|built|import|init)|prototype|classloader|\d\.\d{1,3}\.\d{1,3}\.\d|metadata|schema|\.ini|onerror|oast|interact|collab|nip\.io/i
// Encoded, and yet harmless: letters of other scripts, and the signs of dates, lists and addresses.
const HARMLESS_ESCAPES = /%(?:[c-e][\da-f]%[\da-f]{2}|2b|2c|3a|40)/gi

export function lookAtPath(path: string): Suspicion | undefined {
  if (PLAIN_PATH.test(path) && !SCANNED_BELOW.test(path)) return undefined
  const found = path
    .split('/', MOST_SEGMENTS)
    .map((segment) => look(segment, 'path', 'path'))
    .reduce(worse, look(path, 'path', 'path'))
  if (!ENCODED_SIGN.test(path)) return found
  const encoded = encodingFinding('unusual.encoded-path', 'path', 'path')
  return { score: (found?.score ?? 0) + encoded.points, findings: [...(found?.findings ?? []), encoded] }
}
const SCANNED_BELOW =
  /^\/api\/v1\/(?:pods|namespaces)|^\/(?:[a-z]{1,3}\d{2}|[^/]{0,40}(?:admin|shell|cmd|wp-|wordpress|xmlrpc|pma|console|server-|nginx|phpinfo|sdk|evox|struts|axis|jenkins|solr|hudson|kibana|_|joomla|drupal|magento|typo|umbraco|sitecore|laravel|think|telescope|actuator|owa|ecp|vpn|jira|confluence|goform|boaform|hnap|tmui|makefile|dockerfile|gemfile|credentials|id_|nacos|druid|geoserver|autodiscover|web|jmx|invoker|gpon|report|weblogic|wls|fckeditor|ckeditor|tinymce|elfinder|filemanager|c99|r57|eval|nmap|sitecheck|getcmd|global|sslvpn|jenkinsfile|cgi))/i

/** Names and values of a query, as they are in the address. Parameters that hold secrets are not looked at. */
export function lookAtQuery(query: string): Suspicion | undefined {
  if (query === '' || (PLAIN_QUERY.test(query) && !NOT_PLAIN.test(query.replace(HARMLESS_ESCAPES, '_'))))
    return undefined
  const parameters = query.split('&')
  const looked =
    parameters.length <= 2 * MOST_PARAMETERS
      ? parameters
      : [...parameters.slice(0, MOST_PARAMETERS), ...parameters.slice(-MOST_PARAMETERS)]
  return looked.reduce<Suspicion | undefined>((worst, parameter) => worse(worst, lookAtParameter(parameter)), undefined)
}

function lookAtParameter(parameter: string): Suspicion | undefined {
  const at = parameter.indexOf('=')
  if (at < 0) return look(parameter, 'query', 'query')
  const name = parameter.slice(0, at)
  const named = look(name, 'query', 'query')
  const value = look(parameter.slice(at + 1), 'query', `query.${nameOf(name)}`)
  return value && isSecretName(name) ? named : worse(named, value)
}

/** What was found in headers that are sent with every request: a few names of programs, again and again. */
const known = new Map<string, Suspicion | undefined>()
const MOST_KNOWN = 500
const LONGEST_KNOWN = 256

export function lookAtHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Suspicion | undefined {
  let worst: Suspicion | undefined
  for (const name of HEADERS) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') worst = worse(worst, lookAtHeader(name, value))
  }
  if (headers['user-agent']) return worst
  const missing = encodingFinding('unusual.no-agent', 'header', 'header.user-agent')
  return worse(worst, { score: missing.points, findings: [missing] })
}

function lookAtHeader(name: string, value: string): Suspicion | undefined {
  if (name !== 'user-agent' || value.length > LONGEST_KNOWN) return look(value, 'header', `header.${name}`)
  if (known.has(value)) return known.get(value)
  if (known.size >= MOST_KNOWN) known.clear()
  const found = look(value, 'header', `header.${name}`)
  known.set(value, found)
  return found
}

export const worse = (one: Suspicion | undefined, other: Suspicion | undefined): Suspicion | undefined =>
  (other?.score ?? 0) > (one?.score ?? 0) ? other : one
