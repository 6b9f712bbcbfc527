import { type AttackCase, SECRET } from './attack.ts'

/** The victim's records, by the route that shows them. */
export interface Victim {
  company_id: number
  product_id: number
}

const product = { name: 'x', sku: 'X-1', price: '1.00' }
const item = (id: number, body?: object): AttackCase => ({ allowed: [404], params: { id }, body })
/** Open to everybody, and about nobody. */
const open = (allowed: number[], body?: object): AttackCase => ({ allowed, body })
/** About the caller alone. */
const own = (allowed: number[]): AttackCase => ({ allowed })

/** Every route of the API, called with what is the victim's. A new route needs its line: the test names it. */
export function attackCases({ company_id, product_id }: Victim): Record<string, AttackCase> {
  return {
    'get /': open([200]),
    'get /health': open([200]),
    'get /health/ready': open([200]),
    'post /api/v1/auth/login': open([401], { username: SECRET.toLowerCase(), password: 'wrong password' }),
    'post /api/v1/auth/refresh': open([401], { refresh_token: 'none' }),
    'get /api/v1/auth/me': own([200]),
    'get /api/v1/auth/permissions': own([200]),
    'get /api/v1/products': own([200]),
    'get /api/v1/products?q=SECRET': own([200]),
    'get /api/v1/products?sort=-name&sku__contains=SECRET': own([200]),
    [`get /api/v1/products?company_id=${company_id}`]: own([403]),
    'post /api/v1/products': { allowed: [403], body: { ...product, company_id } },
    'get /api/v1/products/{id}': item(product_id),
    'put /api/v1/products/{id}': item(product_id, { name: 'taken' }),
    'patch /api/v1/products/{id}': item(product_id, { name: 'taken', version: 1 }),
    'delete /api/v1/products/{id}': item(product_id),
    'post /api/v1/auth/logout': own([204]), // last: it ends the attacker's session
  }
}
