import type { Feature } from './feature.ts'

/** `app/api/v1/invoices.ts` */
export const routesFile = ({ one, many, resource }: Feature): string =>
  `import { ${many.camel} } from '../../models/${one.kebab}.ts'
import { ${one.pascal}Create, ${one.pascal}Response, ${one.pascal}Update } from '../../schemas/${one.kebab}.ts'
import { ${one.pascal}Service } from '../../services/${one.kebab}.ts'
import { crudRoutes } from '../http/crud-routes.ts'
import type { App } from '../http/type-provider.ts'

export async function ${one.camel}Routes(app: App) {
  crudRoutes(app, {
    resource: '${resource}',
    tag: '${titleOf(many.words)}',
    model: ${many.camel},
    service: ${one.pascal}Service,
    create: ${one.pascal}Create,
    update: ${one.pascal}Update,
    response: ${one.pascal}Response,
  })
}
`

export const titleOf = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
