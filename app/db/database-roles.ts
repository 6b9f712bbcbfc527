import type { Connection, Engine } from './engine.ts'
import { MigrationError } from './migration-error.ts'
import type { DatabaseRole } from './scope.ts'

const ROLES: DatabaseRole[] = ['fastvue_app', 'fastvue_system']

// Roles belong to the whole server: the migration of another of its databases may make the same ones at this moment.
// unique_violation, duplicate_object, and "tuple concurrently updated" (internal_error)
const RACES = ['23505', '42710', 'XX000']
const ATTEMPTS = 5
const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * Makes sure that the two roles of `session.ts` exist, can be taken on by the connected user, and cannot pass row-level
 * security. Safe to repeat, and for several databases of one server at once.
 * @throws MigrationError when a role could pass row-level security, or with the SQL an administrator must run where the
 * connected user may not.
 */
export async function ensureDatabaseRoles(engine: Engine): Promise<void> {
  const connection = await engine.connect()
  try {
    for (let attempt = 1; !(await addMissing(connection, attempt === ATTEMPTS)); attempt++);
  } finally {
    connection.release()
  }
}

/** @returns false when somebody else was adding the same, and it is worth another look. */
async function addMissing(connection: Connection, lastAttempt: boolean): Promise<boolean> {
  const statements = await missingStatements(connection)
  try {
    for (const statement of statements) await connection.script(statement)
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (RACES.includes(code) && !lastAttempt) return false
    if (code !== INSUFFICIENT_PRIVILEGE) throw error
    throw new MigrationError(
      `The database user may not set up the roles FastVue needs; an administrator must run: ${statements.join('; ')};`,
      { cause: error },
    )
  }
}

async function missingStatements(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query({ text: ROLE_STATE }, [ROLES])
  const states = rows as unknown as RoleState[]
  const able = states.find(({ can_bypass }) => can_bypass)
  if (able)
    throw new MigrationError(
      `The database role ${able.role} could pass row-level security, which keeps companies apart; ` +
        `an administrator must run: ALTER ROLE ${able.role} NOSUPERUSER NOBYPASSRLS;`,
    )
  return states.flatMap(({ role, is_there, can_be_set, can_use_schema, me }) => [
    ...(is_there ? [] : [`CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOBYPASSRLS`]),
    ...(can_be_set ? [] : [`GRANT ${role} TO ${me}`]),
    ...(can_use_schema ? [] : [`GRANT USAGE ON SCHEMA public TO ${role}`]),
  ])
}

interface RoleState {
  role: DatabaseRole
  is_there: boolean
  can_bypass: boolean
  can_be_set: boolean
  can_use_schema: boolean
  /** The connected user, quoted. */
  me: string
}

// Before PostgreSQL 16 every member of a role may SET ROLE to it; since then that is a privilege of its own.
const ROLE_STATE = `
  SELECT role,
    r.oid IS NOT NULL AS is_there,
    coalesce(rolsuper OR rolbypassrls, false) AS can_bypass,
    coalesce(pg_has_role(r.oid, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END), false) AS can_be_set,
    coalesce(has_schema_privilege(r.oid, 'public', 'USAGE'), false) AS can_use_schema,
    quote_ident(current_user) AS me
  FROM unnest($1::text[]) AS role LEFT JOIN pg_roles r ON rolname = role`
