import fastifySwagger from '@fastify/swagger'
import type { OpenAPIV3_1 } from 'openapi-types'
import { Components } from './components.ts'
import { type RouteSchema, describeRoute } from './route-description.ts'
import type { App } from './type-provider.ts'

/** Collects the OpenAPI 3.1 document from the routes' own schemas. Must be registered before them. */
export async function openApi(app: App): Promise<void> {
  const components = new Components()
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'FastVue',
        version: app.settings.VERSION,
        license: { name: 'MIT', identifier: 'MIT' },
        description: 'A backend for business applications that many companies share.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          password: { type: 'oauth2', flows: { password: { tokenUrl: '/api/v1/auth/login', scopes: {} } } },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      url,
      schema: describeRoute((schema ?? {}) as RouteSchema, url, route, components),
    }),
    transformObject: (document) => {
      const { openapiObject } = document as { openapiObject: OpenAPIV3_1.Document }
      const { components: own } = openapiObject
      nameOperations(openapiObject.paths ?? {})
      return { ...openapiObject, components: { ...own, schemas: components.all() } }
    },
  })
}

/** Names for generated clients: `GET /api/v1/products/{id}` is `get_products_id`. */
function nameOperations(paths: OpenAPIV3_1.PathsObject): void {
  for (const [path, operations] of Object.entries(paths)) {
    const name =
      path
        .replace('/api/v1/', '')
        .replaceAll(/[^a-z0-9_]+/g, '_')
        .replaceAll(/^_|_$/g, '') || 'root'
    const named = Object.entries(operations ?? {}).map(([method, operation]) => [
      method,
      { ...(operation as object), operationId: `${method}_${name}` },
    ])
    paths[path] = Object.fromEntries(named) as OpenAPIV3_1.PathItemObject
  }
}
