import { rowsOf } from '../migrations.ts'
import { type CheckCase, type Row, good } from './case.ts'

const after =
  (...statements: string[]): Row =>
  async ({ engine }) => {
    for (const statement of statements) await rowsOf(engine, statement)
    return {}
  }

const SECOND_FACTOR = `
  insert into totp_secrets (user_id, secret, enabled_at) select id, 'sealed', now() from users where is_superuser`

export const peopleCases: Record<string, CheckCase> = {
  'users.W001': {
    fails: [
      after('delete from users'),
      after('update users set is_active = false where is_superuser'),
      after('update users set is_deleted = true where is_superuser'),
    ],
    says: /^No active user is a superuser$/,
    passes: [good],
  },
  'users.W002': {
    fails: [good, after(SECOND_FACTOR, 'update totp_secrets set enabled_at = null')],
    says: /^No second factor: superuser$/,
    passes: [
      after(SECOND_FACTOR),
      after(`update users set password_hash = '' where is_superuser`),
      after('update users set is_superuser = false'),
    ],
  },
  'roles.W001': {
    fails: [
      after('delete from role_permissions'),
      after(`update roles set is_active = false where codename = 'viewer'`),
      after(`update permissions set is_active = false where name = 'product.read'`),
      after(`insert into roles (codename, name, is_system_role) values ('owner', 'Owner', true)`),
    ],
    says: /^Not as in the code: \w+(, \w+)*$/,
    passes: [
      good,
      after(`insert into roles (codename, name, company_id) select 'clerk', 'Clerk', min(id) from companies`),
    ],
  },
}
