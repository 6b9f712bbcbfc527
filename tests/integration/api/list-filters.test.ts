import { ActivityLog } from '../../../app/services/activity/activity-log.ts'
import { describe, expect, test } from '../../support/fixtures.ts'
import { onlyProducts } from '../../support/rows.ts'

const ROWS = [
  { sku: 'A', name: 'Anvil', price: '5.00', is_active: true, created_at: '2026-01-01T10:00:00.000Z' },
  {
    sku: 'B',
    name: 'Brush 100%',
    price: '10.00',
    is_active: false,
    description: 'soft',
    created_at: '2026-01-02T10:00:00.000Z',
  },
  {
    sku: 'C',
    name: 'crate_2',
    price: '10.50',
    is_active: true,
    description: 'wood, Soft',
    created_at: '2026-01-03T10:00:00.000Z',
  },
  {
    sku: 'D',
    name: 'Crate\\2',
    price: '0.00',
    is_active: true,
    description: '',
    url: 'https://d.example',
    created_at: '2026-01-04T10:00:00.123Z',
  },
]

/** query → SKUs, in id order unless sorted */
const FOUND: Record<string, string> = {
  // text
  'name=Anvil': 'A',
  'name=anvil': '',
  'name__gt=Brush 100%25': 'C D',
  'name__in=Anvil,crate_2': 'A C',
  'name__in=': '',
  'name__contains=CRATE': 'C D',
  'name__contains=%25': 'B',
  'name__contains=_': 'C',
  'name__contains=e_2': 'C',
  'name__contains=\\': 'D',
  'description__isnull=true': 'A',
  'description__isnull=false': 'B C D',
  'description=': 'D',
  'url__isnull=false': 'D',
  'sku__lt=C': 'A B',
  'sku__lte=C': 'A B C',
  'sku__gte=C': 'C D',
  // numbers
  'price=10': 'B',
  'price=10.00': 'B',
  'price__lt=10': 'A D',
  'price__lte=10': 'A B D',
  'price__gt=10': 'C',
  'price__gte=10.0': 'B C',
  'price__in=0,10.5': 'C D',
  'price=-1': '',
  'price__isnull=true': '',
  'version=1': 'A B C D',
  'version__gt=1': '',
  'version__in=1,2': 'A B C D',
  // beyond what the column can hold: compared, not refused
  'version__lt=9007199254740991': 'A B C D',
  'version__lte=-2147483649': '',
  'version__in=1,2147483648': 'A B C D',
  'created_by__isnull=true': 'A B C D',
  'id=999999999999999': '',
  // booleans
  'is_active=true': 'A C D',
  'is_active=false': 'B',
  'is_active__isnull=true': '',
  // times
  'created_at=2026-01-02T10:00:00Z': 'B',
  'created_at=2026-01-02T12:00:00%2B02:00': 'B',
  'created_at=2026-01-02T12:00:00+02:00': 'B', // a space when it arrives
  'created_at__lt=2026-01-02T10:00:00Z': 'A',
  'created_at__lte=2026-01-02T10:00:00.000Z': 'A B',
  'created_at__gt=2026-01-03': 'C D',
  'created_at__gte=2026-01-04T10:00:00.123Z': 'D',
  'created_at__in=2026-01-01T10:00:00Z,2026-01-04T10:00:00.123Z': 'A D',
  'created_at__isnull=false': 'A B C D',
  // together
  'price__gt=0&price__lt=10.5&is_active=true': 'A',
  'price__gte=5&price__eq=5': 'A',
  // q: name, SKU and description, literally
  'q=soft': 'B C',
  'q=100%25': 'B',
  'q=%25': 'B',
  'q=e_': 'C',
  'q=\\2': 'D',
  'q=B': 'B',
  'q=': 'A B C D',
  'q=%27 or 1=1 --': '',
  'q=soft&is_active=true': 'C',
  // order
  'sort=price': 'D A B C',
  'sort=-price': 'C B A D',
  'sort=is_active,-sku': 'B D C A',
  'sort=-is_active,price': 'D A C B',
  'sort=description,sku': 'D B C A',
  'sort=-description': 'A C B D',
  'sort=url,-price': 'D C B A',
  'sort=-url,price': 'A B C D',
  'sort=-id': 'D C B A',
  'sort=created_at,': 'A B C D',
}

describe('a list’s query', () => {
  test.for(Object.entries(FOUND))('%s finds %s', async ([query, expected], { as, workAs, testUser }) => {
    await onlyProducts(workAs, testUser, ROWS)
    const reply = await as(testUser).get(`/products?${query.replaceAll(' ', '%20')}`)
    expect(reply.statusCode, reply.body).toBe(200)
    const { items, total } = reply.json()
    expect(items.map(({ sku }: { sku: string }) => sku).join(' ')).toBe(expected)
    expect(total).toBe(items.length)
  })

  const REFUSED: Record<string, string[]> = {
    number: [
      'price=x',
      'price=1e3',
      'price=NaN',
      'price=',
      'price__in=1,x',
      'price__contains=1',
      'id=1.5',
      'id=x',
      'version=',
      'version__in=',
    ],
    boolean: ['is_active=maybe', 'is_active__lt=true', 'is_active__in=true', 'is_active__contains=t'],
    time: [
      'created_at=x',
      'created_at=2026-02-30',
      'created_at=0000-01-01',
      'created_at=2026-01-01T00:00:00%2B23:00',
      'created_at__in=',
      'created_at__contains=2026',
    ],
    text: ['name__isnull=maybe', `name=${'x'.repeat(501)}`, `name__in=${'x,'.repeat(101)}`],
  }
  test.for(Object.entries(REFUSED).flatMap(([kind, queries]) => queries.map((query) => [kind, query] as const)))(
    'that compares a %s with what is none is refused: %s',
    async ([, query], { as, testUser }) => {
      const reply = await as(testUser).get(`/products?${query}`)
      expect(reply.statusCode).toBe(422)
      expect(reply.json().detail).toMatchObject([{ loc: ['query', query.split('=')[0]] }])
    },
  )

  test.for([
    ['/activity-logs', 'level', 'foo', 'WARNING', 'debug, info, warning, error, critical'],
    ['/activity-logs', 'category', 'login', 'AUTHENTICATION', /^expected one of authentication, .+, integration$/],
    ['/inbox', 'item_type', 'zzz', 'Mention', 'message, mention, notification, activity'],
    ['/inbox', 'priority', 'zzz', 'URGENT', 'low, normal, high, urgent'],
    ['/notifications', 'level', 'critical', 'Success', 'info, success, warning, error, debug'],
  ] as const)(
    'of %s compares %s with one of its values, in any case of letters',
    async ([path, field, wrong, right, values], { as, adminUser }) => {
      const msg = typeof values === 'string' ? `expected one of ${values}` : expect.stringMatching(values)
      for (const name of [field, `${field}__in`]) {
        const reply = await as(adminUser).get(`${path}?${name}=${wrong}`)
        expect(reply.statusCode).toBe(422)
        expect(reply.json().detail).toEqual([{ loc: ['query', name], msg, type: 'invalid_value' }])
        expect((await as(adminUser).get(`${path}?${name}=${right}`)).statusCode).toBe(200)
      }
      expect((await as(adminUser).get(`${path}?${field}__contains=${wrong}`)).statusCode).toBe(200)
    },
  )

  test('finds by a value in other letters what has it', async ({ as, workAs, adminUser }) => {
    await workAs(adminUser, (ctx) => ActivityLog.create(ctx, { action: 'x', category: 'workflow', level: 'critical' }))
    const found = await as(adminUser).get('/activity-logs?category=WORKFLOW&level__in=Critical,ERROR')
    expect(found.json().total).toBe(1)
  })

  test('of a thread compares types and levels with theirs', async ({ as, workAs, testUser }) => {
    await onlyProducts(workAs, testUser, ROWS.slice(0, 1))
    const [{ id }] = (await as(testUser).get('/products')).json().items
    const path = `/messages?model_name=products&record_id=${id}`
    for (const [query, status] of [
      ['message_type=NOTE', 200],
      ['message_type=shout', 422],
      ['level=critical', 422],
    ])
      expect((await as(testUser).get(`${path}&${query}`)).statusCode).toBe(status)
  })

  test.for(['x', '1&page=2', '0', '1.5', ''])('says what a page is, not page=%s', async (page, { as, testUser }) => {
    const reply = await as(testUser).get(`/products?page=${page}`)
    expect(reply.json().detail).toMatchObject([{ msg: 'expected an integer from 1 to 1000000, once' }])
  })
})
