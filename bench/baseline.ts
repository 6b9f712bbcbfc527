import Fastify from 'fastify'
import pg from 'pg'
import { PARSERS } from '../app/db/types.ts'

/**
 * The yardstick: the same three requests by hand, as fast as a good engineer would write them with Fastify and `pg`:
 * prepared statements, response schemas, times as text. No log-in, no scope, no row-level security (its user is the
 * server's superuser), no headers, no log, no record
 * of who changed what. `bench/run.ts` checks that its SQL and its replies are FastVue's.
 */
const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['DB_POOL_SIZE']),
  options: '-c timezone=UTC -c app.record_activity=off',
  types: { getTypeParser: (oid, format) => PARSERS[oid] ?? pg.types.getTypeParser(oid, format) },
})
const COMPANY = Number(process.env['BENCH_COMPANY_ID'])
const USER = Number(process.env['BENCH_USER_ID'])

const COLUMNS =
  '"id", "created_at", "updated_at", "created_by", "updated_by", "is_deleted", "deleted_at", "is_active", "company_id", "version", "metadata", "url", "url_label", "name", "sku", "price", "description"'
const LIVE = '("products"."company_id" = $1) and (not "products"."is_deleted")'
const LIST = {
  name: 'list',
  text: `select ${COLUMNS} from "products" where (${LIVE}) order by "products"."id" asc limit $2 offset $3`,
}
const COUNT = { name: 'count', text: `select count(*) as "total" from "products" where (${LIVE})` }
const GET = { name: 'get', text: `select ${COLUMNS} from "products" where (${LIVE} and (id = $2))` }
const CREATE = {
  name: 'create',
  text: `insert into "products" ("id", "created_at", "updated_at", "created_by", "updated_by", "is_deleted", "deleted_at", "is_active", "company_id", "version", "metadata", "url", "url_label", "name", "sku", "price", "description") values (default, default, default, $1, $2, default, default, default, $3, default, default, default, default, $4, $5, $6, $7) returning ${COLUMNS}`,
}

const text = { type: 'string' }
const optionalText = { type: 'string', nullable: true }
const integer = { type: 'integer' }
const Product = {
  type: 'object',
  properties: {
    id: integer,
    company_id: integer,
    name: text,
    sku: text,
    price: text,
    description: optionalText,
    is_active: { type: 'boolean' },
    metadata: { type: 'object', additionalProperties: true },
    url: optionalText,
    url_label: optionalText,
    version: integer,
    created_by: { type: 'integer', nullable: true },
    updated_by: { type: 'integer', nullable: true },
    created_at: text,
    updated_at: text,
  },
}
const Products = {
  type: 'object',
  properties: { total: integer, items: { type: 'array', items: Product }, page: integer, page_size: integer },
}
const Page = {
  type: 'object',
  properties: { page: { type: 'integer', default: 1 }, page_size: { type: 'integer', default: 20 } },
}
const ProductBody = {
  type: 'object',
  required: ['name', 'sku', 'price'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 255 },
    sku: { type: 'string', minLength: 1, maxLength: 50 },
    price: { type: 'string', pattern: String.raw`^\d{1,8}(\.\d{1,2})?$` },
    description: { type: 'string', maxLength: 5000 },
  },
}

const app = Fastify()

app.get<{ Querystring: { page: number; page_size: number } }>(
  '/api/v1/products',
  { schema: { querystring: Page, response: { 200: Products } } },
  async ({ query: { page, page_size } }) => {
    const [list, count] = await Promise.all([
      pool.query({ ...LIST, values: [COMPANY, page_size + 1, (page - 1) * page_size] }),
      pool.query<{ total: number }>({ ...COUNT, values: [COMPANY] }),
    ])
    return { total: count.rows[0]?.total, items: list.rows.slice(0, page_size), page, page_size }
  },
)

app.get<{ Params: { id: number } }>(
  '/api/v1/products/:id',
  { schema: { params: { type: 'object', properties: { id: integer } }, response: { 200: Product } } },
  async (request, reply) => {
    const { rows } = await pool.query({ ...GET, values: [COMPANY, request.params.id] })
    return rows[0] ?? reply.code(404).send()
  },
)

app.post<{ Body: { name: string; sku: string; price: string; description?: string } }>(
  '/api/v1/products',
  { schema: { body: ProductBody, response: { 201: Product } } },
  async ({ body: { name, sku, price, description } }, reply) => {
    const { rows } = await pool.query({ ...CREATE, values: [USER, USER, COMPANY, name, sku, price, description] })
    return reply.code(201).send(rows[0])
  },
)

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) })
process.send?.('listening')
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
