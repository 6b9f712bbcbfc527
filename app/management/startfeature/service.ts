import { type Feature, lines, referencesOf, targetsOf } from './feature.ts'
import { literal } from './literal.ts'

/** `app/services/invoice.ts` */
export function serviceFile(feature: Feature): string {
  const { one, many, fields } = feature
  const references = referencesOf(feature)
  const searched = fields.find(({ shape }) => shape.room !== undefined)
  const table = many.camel
  const parts = references.length
    ? {
        imports: [
          `import { ${[...targetsOf(feature), table].toSorted().join(', ')} } from '../models/index.ts'`,
          `import { BaseCRUDService } from './base.ts'`,
          `import type { Context } from './context.ts'`,
          `import type { CreateValues, Row, UpdateValues } from './record.ts'`,
          `import { References } from './references.ts'`,
        ],
        member: `  readonly #references: References`,
        make: `    this.#references = new References(ctx, { ${references.map(({ name, target }) => `${name}: ${target.constant}`).join(', ')} })`,
        methods: methodsOf(table),
      }
    : {
        imports: [
          `import { ${table} } from '../models/${one.kebab}.ts'`,
          `import { BaseCRUDService } from './base.ts'`,
          `import type { Context } from './context.ts'`,
        ],
        member: [],
        make: [],
        methods: [],
      }
  return lines(
    parts.imports,
    '',
    `export class ${one.pascal}Service extends BaseCRUDService<typeof ${table}> {`,
    searched ? `  protected override readonly search = [${literal(searched.name)}]` : [],
    parts.member,
    searched || references.length ? '' : [],
    `  constructor(ctx: Context) {`,
    `    super(${table}, ctx)`,
    parts.make,
    `  }`,
    parts.methods,
    `}`,
  )
}

const methodsOf = (table: string) => `
  /** @throws AppError \`invalid_reference\`, \`duplicate\` */
  override async create(values: CreateValues<typeof ${table}>): Promise<Row<typeof ${table}>> {
    await this.#references.demandSeen(values)
    return super.create(values)
  }

  /** @throws AppError \`invalid_reference\`, \`not_found\`, \`stale_version\`, \`duplicate\` */
  override async update(id: number, values: UpdateValues<typeof ${table}>): Promise<Row<typeof ${table}>> {
    await this.#references.demandSeen(values)
    return super.update(id, values)
  }`
