import { describe, expect, test } from 'vitest'
import { AppError } from '../../app/core/errors.ts'
import { recordName, translateDatabaseError } from '../../app/db/errors.ts'

const databaseError = (code: string, fields: object = {}) =>
  Object.assign(new Error('said by PostgreSQL'), { code, ...fields })

describe('a database error', () => {
  test.for([
    [
      '23505',
      'duplicate',
      { table: 'products', constraint: 'products_company_id_sku_key' },
      'Product with this SKU already exists',
    ],
    [
      '23505',
      'duplicate',
      { table: 'companies', constraint: 'companies_code_key' },
      'Company with this code already exists',
    ],
    ['23505', 'duplicate', { table: 'users', constraint: 'users_email_key' }, 'User with this email already exists'],
    [
      '23503',
      'invalid_reference',
      {
        table: 'products',
        constraint: 'products_created_by_users_id_fkey',
        detail: 'Key is not present in table "users".',
      },
      'created_by refers to something that does not exist',
    ],
    [
      '23503',
      'still_referenced',
      { message: 'update or delete on table "users" violates …' },
      'Other records still refer to this one',
    ],
    ['23502', 'bad_request', { column: 'name' }, 'name must not be empty'],
    [
      '23514',
      'bad_request',
      { table: 'products', constraint: 'price_positive' },
      'Product breaks the rule price_positive',
    ],
    ['22001', 'bad_request', {}, undefined],
    ['22003', 'bad_request', {}, undefined],
    ['22021', 'bad_request', {}, undefined],
    ['22P05', 'bad_request', {}, undefined],
    ['42501', 'company_forbidden', {}, undefined],
    ['40001', 'conflict', {}, undefined],
    ['40P01', 'conflict', {}, undefined],
    ['57014', 'overloaded', {}, undefined],
    ['53300', 'overloaded', {}, undefined],
    ['08006', 'database_unavailable', {}, undefined],
    ['57P01', 'database_unavailable', {}, undefined],
    ['ECONNREFUSED', 'database_unavailable', {}, undefined],
    ['ENOTFOUND', 'database_unavailable', {}, undefined],
  ] as const)('%s means %s', ([code, meaning, fields, message]) => {
    const error = databaseError(code, fields)
    const told = translateDatabaseError(error)
    expect(told).toBeInstanceOf(AppError)
    expect(told).toMatchObject({ code: meaning, cause: error, ...(message && { message }) })
  })

  test.for([
    ['Connection terminated unexpectedly', 'database_unavailable'],
    ['Connection terminated due to connection timeout', 'database_unavailable'],
    ['Client has encountered a connection error and is not queryable', 'database_unavailable'],
    ['timeout exceeded when trying to connect', 'overloaded'],
  ])('that the driver says without a code, "%s", means %s', ([message, meaning]) => {
    expect(translateDatabaseError(new Error(message))).toMatchObject({ code: meaning })
  })

  test('of our own making stays unknown, and tells nobody anything', () => {
    for (const error of [databaseError('42703'), databaseError('42601'), new Error('a bug'), 'a text', undefined])
      expect(translateDatabaseError(error)).toBe(error)
  })

  test('never repeats a value', () => {
    const secret = databaseError('23505', {
      table: 'users',
      constraint: 'users_email_key',
      detail: 'Key (email)=(ceo@example.com) already exists.',
    })
    expect(JSON.stringify(translateDatabaseError(secret))).not.toContain('ceo@')
    expect(String(translateDatabaseError(secret))).not.toContain('ceo@')
  })

  test('that is translated already stays as it is', () => {
    const error = new AppError('not_found')
    expect(translateDatabaseError(error)).toBe(error)
    const wrapped = new Error('Failed query', { cause: error })
    expect(translateDatabaseError(wrapped)).toBe(wrapped)
  })

  test.for([
    ['companies', 'Company'],
    ['activity_logs', 'Activity log'],
    ['boxes', 'Box'],
    ['addresses', 'Address'],
    ['batches', 'Batch'],
    ['statuses', 'Status'],
    ['houses', 'House'],
    ['caches', 'Cache'],
    ['people', 'People'],
  ] as const)('calls a record of %s %s', ([table, name]) => {
    expect(recordName(table)).toBe(name)
  })
})
