import { expect, test } from 'vitest'
import { companyScopedModel, companyTable, enterpriseModel } from '../../app/models/base.ts'
import { THREADED, readingOf, readable } from '../../app/services/threads/threaded.ts'

test.for([
  ['products', undefined, 'product.read'],
  ['people', 'product', 'product.read'],
  ['people', 'person', undefined], // not in the catalogue: nobody could be permitted to read it
  ['people', undefined, undefined],
  ['companies', undefined, 'company.read'],
] as const)('a thread of %s, told the resource %s, takes %s', ([name, resource, permission]) => {
  expect(readingOf(companyTable(name, enterpriseModel({ resource })))).toBe(permission)
})

test('a model without the mixin has no threads', () => {
  expect(readingOf(companyTable('products', companyScopedModel()))).toBeUndefined()
})

test('threads are those of models, readable by permission or by what implies it', () => {
  expect([...THREADED.keys()]).toContain('products')
  expect(readable(new Set(['product.manage']))).toEqual(['products'])
  expect(readable(new Set(['user.read']))).toEqual([])
})
