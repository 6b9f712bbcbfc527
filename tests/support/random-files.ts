import fc from 'fast-check'
import { safeHtml } from '../../app/core/safe-html.ts'
import { ActivityCategory, ActivityLevel } from '../../app/models/activity-log.ts'
import { MessageLevel, MessageType } from '../../app/models/message.ts'

type Item = Record<string, unknown>

/** What texts break programs: each as a whole, so that every run has some. */
const NASTY = [
  `"quoted" 'and' \`so\``,
  String.raw`C:\new\table \u0041 \x41 \\`,
  'first\nsecond\r\n\tthird',
  '\u0001\u001f\u007f\u0085',
  'a\u2028b\u2029c',
  '👩‍👩‍👧‍👦 🏴󠁧󠁢󠁥󠁮󠁧󠁿 𝒳',
  'ÅÅ ﬁ ß İı',
  'Ελληνικά, 中文, العربية, עברית, ไทย',
  '{"companies": [{"code": "X"}]}',
  '], "users": [',
  '__proto__',
  "'; drop table users; --",
  '$1 $$ %s \\. \\N',
  'a\ufeff\u200b\u202e',
  ' spaces at both ends ',
]

/** A text of at most so many UTF-16 units that PostgreSQL can hold, and PGlite read: it drops U+FEFF from the beginning of a text. */
const text = (max: number, min = 0) =>
  fc
    .oneof(
      fc.constantFrom(...NASTY),
      fc.string({ unit: 'binary', maxLength: max }),
      fc.string({ unit: 'grapheme', maxLength: max }),
    )
    .map((value) =>
      value
        .replaceAll('\0', '')
        .replace(/^\ufeff+/, '')
        .toWellFormed()
        .slice(0, max)
        .toWellFormed(),
    )
    .filter((value) => value.length >= min)

const long = fc.oneof(
  { weight: 9, arbitrary: text(200) },
  { weight: 1, arbitrary: text(20, 1).map((part) => part.repeat(250)) },
)
const number = fc.oneof(
  fc.constantFrom(2 ** 53, 2 ** 53 - 1, -(2 ** 53) + 1, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 0.1 + 0.2, -0, 1e300),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
)
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text(30), number, fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 3 }),
    objectOf(tie('json')),
  ),
}))
function objectOf(value: fc.Arbitrary<unknown>) {
  const key = fc.oneof(fc.constantFrom('constructor', 'toString', '', '1', '01', 'length'), text(20))
  return fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries.filter(([name]) => name !== '__proto__')))
}
const object = objectOf(json)

const flag = fc.boolean()
const moment = fc
  .date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true })
  .map((date) => date.toISOString())
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(fc.option(arbitrary), { nil: undefined })
const hash = fc
  .stringMatching(/^[a-zA-Z0-9+/]{43}$/)
  .map((digest) => `$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$${digest}`)
const price = fc.integer({ min: 0, max: 9_999_999_999 }).map((cents) => (cents / 100).toFixed(2))
const PERMISSIONS = ['product.read', 'user.manage', 'report.read', 'report.print_all']
const permissions = maybe(fc.subarray(PERMISSIONS))

const fields = {
  company: fc.record({
    name: text(255, 1),
    description: orNull(long),
    is_headquarters: maybe(flag),
    is_active: maybe(flag),
    address: orNull(text(500)),
    city: orNull(text(100)),
    state: orNull(text(100)),
    country: orNull(text(100)),
    zip_code: orNull(text(20)),
    phone: orNull(text(50)),
    email: orNull(text(255)),
    website: orNull(text(255)),
    tax_id: orNull(text(50)),
    registration_number: orNull(text(100)),
    timezone: maybe(text(50, 1)),
    currency: maybe(text(10, 1)),
    created_at: maybe(moment),
  }),
  role: fc.record({ description: orNull(long), is_active: maybe(flag), permissions, created_at: maybe(moment) }),
  user: fc.record({
    password_hash: fc.option(hash),
    full_name: orNull(text(255)),
    is_active: maybe(flag),
    is_superuser: maybe(flag),
    is_verified: maybe(flag),
    avatar_url: orNull(text(500)),
    bio: orNull(long),
    phone: orNull(text(50)),
    location: orNull(text(255)),
    website: orNull(text(500)),
    timezone: maybe(text(50, 1)),
    language: maybe(text(10, 1)),
    created_at: maybe(moment),
  }),
  membership: fc.record({ is_default: maybe(flag), is_active: maybe(flag), created_at: maybe(moment) }),
  product: fc.record({
    name: text(255, 1),
    price,
    description: orNull(long),
    is_active: maybe(flag),
    metadata: maybe(object),
    url: orNull(fc.webUrl()),
    url_label: orNull(text(255)),
    created_at: maybe(moment),
  }),
  notification: fc.record({
    title: text(255, 1),
    description: orNull(long),
    level: maybe(fc.constantFrom(...Object.values(MessageLevel))),
    link: orNull(text(2000)),
    data: maybe(object),
    is_read: maybe(flag),
    read_at: orNull(moment),
  }),
  activity: fc.record({
    action: text(50, 1),
    category: maybe(fc.constantFrom(...Object.values(ActivityCategory))),
    level: maybe(fc.constantFrom(...Object.values(ActivityLevel))),
    entity_name: orNull(text(255)),
    description: orNull(long),
    old_values: orNull(object),
    new_values: orNull(object),
    metadata: maybe(object),
    ip_address: orNull(text(45)),
    user_agent: orNull(text(500)),
    request_id: orNull(text(100)),
    session_id: orNull(fc.uuid()),
    success: maybe(flag),
    error_message: orNull(long),
    risk_score: maybe(fc.integer({ min: 0, max: 100 })),
    risk_reasons: maybe(fc.array(text(255, 1), { maxLength: 3 })),
    is_suspicious: maybe(flag),
  }),
  message: fc.record({
    subject: orNull(text(255)),
    body: text(1000, 1),
    body_html: orNull(long.map(safeHtml)),
    message_type: maybe(fc.constantFrom(...Object.values(MessageType))),
    level: maybe(fc.constantFrom(...Object.values(MessageLevel))),
    is_internal: maybe(flag),
    is_pinned: maybe(flag),
    edited_at: orNull(moment),
    attachments: maybe(
      fc.array(
        fc.record(
          {
            name: text(255, 1),
            url: fc.nat().map((n) => `/files/${n}`),
            content_type: text(50, 1),
            size: fc.maxSafeNat(),
          },
          { requiredKeys: ['name', 'url'] },
        ),
        { maxLength: 2 },
      ),
    ),
    metadata: maybe(object),
  }),
}

const CODES = ['ACME', 'a"b\\c', "O'Neil 中", '{"code"}', 'x\ny']
const EMAILS = ['anna@example.com', "O'Brien+x@Example.com", 'bob_b@sub.example.org', 'Zed@example.com']
const NAMES = ['Clerk', 'Büro "Ost"', '!!!', 'Editor', "Ελληνικά\n'"]
const SKUS = ['A-1', 'a-1', '"\\', ' padded ', '中\u2028']

/** For each of some, in random order, an item. */
const each = <T, I extends Item>(keys: readonly T[], item: (key: T) => fc.Arbitrary<I>) =>
  fc.shuffledSubarray([...keys], { minLength: 1 }).chain((chosen) => fc.tuple(...chosen.map(item)))
const pairs = <A, B>(as: readonly A[], bs: readonly B[]) => as.flatMap((a) => bs.map((b) => [a, b] as const))
const from = <T>(values: readonly T[]) => fc.constantFrom(...values)
const withKeys = <I extends Item>(arbitrary: fc.Arbitrary<I>, keys: Item) =>
  arbitrary.map((item): Item => ({ ...keys, ...item }))

/** Demo data files that can be loaded into an empty database, with whatever a file can have. */
export const randomFile: fc.Arbitrary<Record<string, Item[]>> = fc
  .record({
    companies: each(CODES, (code) => withKeys(fields.company, { code })),
    users: each([...EMAILS.entries()], ([n, email]) => withKeys(fields.user, { email, username: `User.${n}-_` })),
  })
  .chain(({ companies, users }) => {
    const codes = companies.map(({ code }) => String(code))
    const emails = users.map(({ email }) => String(email))
    const code = from(codes)
    const email = from(emails)
    return fc
      .record({
        permissions: fc.constant<Item[]>([
          { name: 'report.read' },
          { name: 'report.print_all', description: '"', is_active: false },
        ]),
        // `Editor` is a system role's name as well: a company may have one of its own, everybody may not.
        roles: each(
          pairs([null, ...codes], NAMES).filter(([company, name]) => company !== null || name !== 'Editor'),
          ([company_code, name]) =>
            withKeys(fields.role, {
              name,
              company_code,
              codename: company_code === null ? undefined : `own_${NAMES.indexOf(name)}`,
            }),
        ),
        products: each(pairs(codes, SKUS), ([company_code, sku]) => withKeys(fields.product, { company_code, sku })),
        groups: each(pairs(codes, NAMES), ([company_code, name]) =>
          fc
            .tuple(fields.role, maybe(fc.subarray(emails)))
            .map(([item, members]): Item => ({ name, company_code, users: members, ...item })),
        ),
        parents: fc.array(fc.nat(companies.length), { minLength: companies.length, maxLength: companies.length }),
        homes: fc.array(orNull(code), { minLength: users.length, maxLength: users.length }),
      })
      .chain(({ parents, homes, roles, products, groups, ...rest }) => {
        const everybodys = [
          'Viewer',
          ...roles.filter((role) => role['company_code'] === null).map(({ name }) => String(name)),
        ]
        const member = ([user_email, company_code]: readonly [string, string]) =>
          fc.tuple(fields.membership, from(everybodys)).map(([item, role_name]): Item => ({
            user_email,
            company_code,
            role_name,
            role_company_code: null,
            ...item,
          }))
        const record = fc.oneof(
          from(products).map(({ company_code, sku }) => ({ company_code, table: 'products', key: sku })),
          from(groups).map(({ company_code, name }) => ({ company_code, table: 'groups', key: name })),
          fc.tuple(code, email).map(([company_code, key]) => ({ company_code, table: 'users', key })),
          fc.tuple(code, code).map(([company_code, key]) => ({ company_code, table: 'companies', key })),
          fc.tuple(code, from(everybodys)).map(([company_code, key]) => ({ company_code, table: 'roles', key })),
        )
        const told = { uid: maybe(fc.uuid()), created_at: maybe(moment) }
        return fc
          .record({
            user_company_roles: each(pairs(emails, codes), member),
            notifications: fc.array(
              fc.record({ item: fields.notification, user_email: email, company_code: code, ...told }),
              { maxLength: 6 },
            ),
            activity_logs: fc.array(
              fc.record({
                item: fields.activity,
                about: fc.option(record),
                company_code: orNull(code),
                user_email: orNull(email),
                ...told,
              }),
              { maxLength: 6 },
            ),
            threads: fc.array(
              fc.record({
                about: record,
                backwards: fc.boolean(),
                said: fc.array(
                  fc.record({
                    item: fields.message,
                    user_email: orNull(email),
                    uid: fc.uuid(),
                    created_at: maybe(moment),
                    reply: fc.nat(9),
                  }),
                  { maxLength: 4 },
                ),
              }),
              { maxLength: 3 },
            ),
          })
          .map(({ user_company_roles, notifications, activity_logs, threads }) => ({
            companies: companies.map((item, n): Item => ({
              ...item,
              parent_company_code: parents[n]! < n ? codes[parents[n]!] : undefined,
            })),
            ...rest,
            roles,
            users: users.map((item, n): Item => ({ ...item, current_company_code: homes[n] })),
            groups,
            user_company_roles,
            products,
            notifications: notifications.map(({ item, ...keys }): Item => ({ ...keys, ...item })),
            activity_logs: activity_logs.map(({ item, about, ...keys }): Item => ({
              ...keys,
              ...item,
              ...(about && { company_code: about.company_code, entity_type: about.table, entity_key: about.key }),
            })),
            messages: threads.flatMap(({ about, backwards, said }) => {
              const messages = said.map(({ item, reply, ...keys }, n): Item => ({
                company_code: about.company_code,
                model_name: about.table,
                record_key: about.key,
                parent_uid: reply < n ? said[reply]?.uid : undefined,
                ...keys,
                ...item,
              }))
              return backwards ? messages.toReversed() : messages
            }),
          }))
      })
  })
