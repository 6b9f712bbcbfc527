import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { draftEmptyMigration } from '../../app/db/migration-draft.ts'
import { loadMigrations } from '../../app/db/migration-files.ts'
import { findMigration, inOrder, leavesOf, withAncestors } from '../../app/db/migration-graph.ts'
import { MIGRATIONS, TestProject } from '../support/migrations.ts'

const node = (name: string, ...parents: string[]) => ({ name, parents })

describe('the order of migrations', () => {
  const diamond = [node('4', '3a', '3b'), node('3b', '2'), node('3a', '2'), node('2', '1'), node('1')]

  test('each comes after its parents, by name where that leaves a choice, whatever order they are found in', () => {
    const names = ['1', '2', '3a', '3b', '4']
    expect(inOrder(diamond).map(({ name }) => name)).toEqual(names)
    expect(inOrder(diamond.toReversed()).map(({ name }) => name)).toEqual(names)
  })

  test('what nothing builds on, and what one builds on', () => {
    expect(leavesOf(diamond.slice(1))).toEqual(['3b', '3a'])
    expect([...withAncestors(inOrder(diamond), ['3b'])].sort()).toEqual(['1', '2', '3b'])
  })

  test.each([
    ['a parent that is not there', [node('2', '1')], 'Migration 2 builds on 1, which is not there'],
    ['a circle', [node('1', '2'), node('2', '1')], 'Migrations build on each other in a circle: 1, 2'],
  ])('%s is an error', (_, nodes, message) => {
    expect(() => inOrder(nodes)).toThrow(message)
  })

  test('the beginning of a name is enough where only one begins so', () => {
    const nodes = [node('0001_a'), node('0002_b'), node('0002_bc')]
    expect(findMigration(nodes, '0001').name).toBe('0001_a')
    expect(findMigration(nodes, '0002_b').name).toBe('0002_b')
    expect(() => findMigration(nodes, '0002')).toThrow('0002 could be 0002_b or 0002_bc; give more of its name')
    expect(() => findMigration(nodes, '7')).toThrow('There is no migration 7')
  })
})

describe('migration folders', () => {
  test('a migration is read as it was written, and the next is numbered after the highest', () => {
    using project = new TestProject({ name: '0100_x', up: 'SELECT 1;', down: 'SELECT 2;' })
    const migrations = loadMigrations(project.migrations)
    expect(migrations.at(-1)).toMatchObject({ name: '0100_x', up: 'SELECT 1;', down: 'SELECT 2;' })
    expect(migrations.slice(0, -1)).toEqual(loadMigrations(MIGRATIONS))
    expect(draftEmptyMigration(migrations, 'Größe & more').name).toBe('0101_gr_e_more')
  })

  test('no folder is no migrations', () => {
    expect(loadMigrations(join(MIGRATIONS, 'nowhere'))).toEqual([])
  })

  const broken: [string, (folder: string) => void, RegExp][] = [
    [
      'that is not JSON',
      (folder) => writeFileSync(join(folder, 'snapshot.json'), '<<<<<<< HEAD'),
      /0100_x\/snapshot\.json cannot be read: .+/,
    ],
    [
      'of another shape',
      (folder) => writeFileSync(join(folder, 'snapshot.json'), '{"parents":3}'),
      /0100_x\/snapshot\.json cannot be read: parents: .+/,
    ],
    [
      'that is missing',
      (folder) => rmSync(join(folder, 'snapshot.json')),
      /migrations\/0100_x has no readable snapshot\.json/,
    ],
  ]
  test.each(broken)('a snapshot %s is one clear line', async (_, breakIt, message) => {
    using project = new TestProject({ name: '0100_x', up: '' })
    breakIt(join(project.migrations, '0100_x'))
    const { code, stderr } = await project.manage(['sqlmigrate', '0001'])
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('sqlmigrate prints the SQL, in either direction', async () => {
    using project = new TestProject({ name: '0100_x', up: 'SELECT 1;', down: 'SELECT 2;' })
    expect((await project.manage(['sqlmigrate', '0100'])).stdout).toBe('SELECT 1;\n')
    expect((await project.manage(['sqlmigrate', '0100', '--backwards'])).stdout).toBe('SELECT 2;\n')
    const json = await project.manage(['sqlmigrate', '0100', '--json'])
    expect(JSON.parse(json.stdout)).toEqual({ name: '0100_x', sql: 'SELECT 1;' })
  })
})
