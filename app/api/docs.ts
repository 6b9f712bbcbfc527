import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DOCS_CSP } from '../middleware/security.ts'
import type { App } from './http/type-provider.ts'

const require = createRequire(import.meta.url)
const swagger = dirname(require.resolve('swagger-ui-dist/package.json'))
const redoc = dirname(require.resolve('redoc/package.json'))

/** Served from the installed packages: the pages load nothing from any other address. */
const FILES: Record<string, [path: string, type: string]> = {
  'docs/swagger-ui.css': [join(swagger, 'swagger-ui.css'), 'text/css'],
  'docs/swagger-ui-bundle.js': [join(swagger, 'swagger-ui-bundle.js'), 'text/javascript'],
  'docs/favicon.png': [join(swagger, 'favicon-32x32.png'), 'image/png'],
  'redoc/redoc.js': [join(redoc, 'bundles', 'redoc.standalone.js'), 'text/javascript'],
}

// Addresses from the root: the pages answer with and without a trailing slash.
const HEAD = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>FastVue API</title>
<link rel="icon" href="/api/v1/docs/favicon.png">`
const DOCS_PAGE = `${HEAD}<link rel="stylesheet" href="/api/v1/docs/swagger-ui.css"></head><body><div id="swagger-ui"></div>
<script src="/api/v1/docs/swagger-ui-bundle.js"></script><script src="/api/v1/docs/start.js"></script></body></html>`
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: true, tryItOutEnabled: true, validatorUrl: null })`
const REDOC_PAGE = `${HEAD}<style>body { margin: 0 }</style></head><body>
<redoc spec-url="/api/v1/openapi.json" disable-search="false"></redoc><script src="/api/v1/redoc/redoc.js"></script></body></html>`

/** The API's documentation: Swagger UI with log-in, Redoc, and the document itself. */
export async function docsRoutes(app: App) {
  const open = { schema: { hide: true }, config: { unlimited: true } }
  app.get('/openapi.json', open, () => app.swagger())

  for (const [url, page] of [
    ['/docs', DOCS_PAGE],
    ['/redoc', REDOC_PAGE],
  ] as const)
    app.get(url, open, (_request, reply) =>
      reply.header('content-security-policy', DOCS_CSP).type('text/html; charset=utf-8').send(page),
    )

  app.get('/docs/start.js', open, (_request, reply) => reply.type('text/javascript').send(DOCS_SCRIPT))
  for (const [url, [path, type]] of Object.entries(FILES))
    app.get(`/${url}`, open, async (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', 'public, max-age=86400')
        .send(await assetOf(path)),
    )
}

/** Redoc shows its maker's logo from that maker's server; here it shows none. */
async function assetOf(path: string): Promise<Buffer | string> {
  if (!path.startsWith(redoc)) return readFile(path)
  return (await readFile(path, 'utf8')).replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', 'data:,')
}
