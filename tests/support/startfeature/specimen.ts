/** A feature with a field of every type and every modifier. */
export const SPECIMEN = [
  'label:string:unique',
  'code:string:3',
  'note:text:optional',
  'quantity:integer:index',
  'big:bigint:unique',
  'price:decimal:12,2:unique',
  'whole:decimal:5,0',
  'ratio:float',
  'done:boolean:default=false',
  'day:date:optional:index',
  'moment:datetime:default=now',
  'clock:time:default=09:30',
  'reference:uuid:optional:unique',
  'data:json',
  'labels:tags:optional',
  'mail:email:unique',
  'site:url:default=https://example.com/?a=`${b}`&c=\\',
  'tel:phone:optional',
  `state:enum:a "q"|b it's|c \${x} \`y\` \\:default=b it's`,
  `motto:string:60:default='); drop table products; -- \${1} " \\`,
  'invoice_id:ref:invoices',
  'product_id:ref:products:optional',
  'owner_id:ref:users',
  'role_id:ref:roles',
  'reviewer_role_id:ref:roles:optional',
]

/** What three of them have in the fields that can be compared, in order. */
export const SPECIMEN_VALUES: Record<string, [unknown, unknown, unknown]> = {
  label: ['Anvil', 'Box', 'Crate'],
  code: ['A', 'B', 'C'],
  note: ['a%', 'b_', 'c\\'],
  quantity: [-2_147_483_648, 0, 2_147_483_647],
  big: [-9_007_199_254_740_991, 0, 9_007_199_254_740_991],
  price: ['0.00', '9.99', '1000000000.00'],
  whole: ['0', '9', '10000'],
  ratio: [-1e300, 0.1, 1e21],
  day: ['0001-01-01', '2028-02-29', '9999-12-31'],
  moment: ['0001-01-01T00:00:00.000Z', '2026-01-31T09:30:00.001Z', '9999-12-31T23:59:59.999Z'],
  clock: ['00:00:00', '09:30:00.001', '23:59:59.999'],
  reference: ['00000000-0000-0000-0000-000000000000', uuid(1), 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  mail: ['a@example.com', 'b@example.com', 'c@example.com'],
  site: ['https://a.example/', 'https://b.example/', 'https://c.example/'],
  tel: ['+49 1', '+49 2', '+49 3'],
  state: ['a "q"', `b it's`, 'c ${x} `y` \\'],
}

function uuid(n: number): string {
  return `0198b3c4-0000-7000-8000-${String(n).padStart(12, '0')}`
}
