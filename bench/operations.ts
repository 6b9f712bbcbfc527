/** What is measured: one request of each kind, as autocannon takes it. */
export interface Operation {
  name: 'list' | 'get' | 'create'
  title: string
  method: 'GET' | 'POST'
  paths: string[]
  body?: string
}

export const COMPANY_ROWS = 10_000

/** Marks the rows that a round of `create` leaves behind, for them to be removed after it. */
export const CREATED_SKU = 'bench-'

/** The operations, on ids that exist. Both servers get exactly these requests. */
export function operationsOn(ids: number[]): Operation[] {
  return [
    { name: 'list', title: `list 20 of ${COMPANY_ROWS}`, method: 'GET', paths: ['/api/v1/products'] },
    { name: 'get', title: 'get one', method: 'GET', paths: ids.map((id) => `/api/v1/products/${id}`) },
    {
      name: 'create',
      title: 'create one',
      method: 'POST',
      paths: ['/api/v1/products'],
      body: JSON.stringify({
        name: 'Garden chair, oiled oak',
        sku: `${CREATED_SKU}[<id>]`, // autocannon makes each different
        price: '149.90',
        description: 'Folds flat; the frame is guaranteed for five years.',
      }),
    },
  ]
}
