import { join } from 'node:path'
import { z } from 'zod'
import { copyBaselineFolder } from '../temporary-folder.ts'
import { testSettings } from '../settings.ts'
import { type CommandCase, type Place, here } from './case.ts'

const inFolder = ({ folder }: Place, environment = 'test') => ({
  engine: undefined,
  settings: testSettings({ ENVIRONMENT: environment, DATABASE_URL: `file:${join(folder, 'db')}` }),
})
const withDatabase = (place: Place) => {
  copyBaselineFolder(join(place.folder, 'db'))
  return inFolder(place)
}
const unmigrated = { engine: undefined }
const unreachable = { engine: undefined, settings: testSettings({ DATABASE_URL: 'postgres://127.0.0.1:1/shop' }) }
const SILENCE = /^Error: Cannot connect to the database \(DATABASE_URL\): connect ECONNREFUSED 127\.0\.0\.1:1\n$/
const at = z.string().endsWith('/db')

export const databaseCommands: Record<string, CommandCase> = {
  createdb: {
    success: here(['createdb', '--name', 'db', '--owner', 'postgres', '--encoding', 'UTF8'], withDatabase),
    says: /^Database "db" exists already \(owner postgres, encoding UTF8, at \/.*\/db\)\n$/,
    json: z.strictObject({
      name: z.literal('db'),
      created: z.literal(false),
      owner: z.literal('postgres'),
      encoding: z.literal('UTF8'),
      at,
    }),
    wrongUse: ['createdb', 'mydb'],
    failure: here(['createdb', '--owner', 'anna'], inFolder),
    because: /^Error: An embedded database has one owner, postgres\n$/,
  },
  dropdb: {
    success: here(['dropdb', '--force'], withDatabase),
    says: /^Dropped database "db" at \/.*\/db\n$/,
    json: z.strictObject({ name: z.literal('db'), dropped: z.literal(true), at }),
    wrongUse: ['dropdb', '--now'],
    failure: here(['dropdb', '--force']),
    because:
      /^Error: A database in memory .* begins and ends with each process: there is none to create, drop or reset\n$/,
  },
  resetdb: {
    success: here(['resetdb', '--force'], withDatabase),
    says: /^ {2}Dropped "db" +\d+ ms\n {2}Created "db" at .+ms\n {2}Migrated: .+ ms\n {2}Permissions.+ ms\n$/,
    json: z.strictObject({ name: z.literal('db'), at }),
    wrongUse: ['resetdb', '--name', 'other'],
    failure: here(['resetdb', '--force'], unreachable),
    because: SILENCE,
  },
  dbshell: {
    success: here(['dbshell', '-c', 'select code from companies where id = 1']),
    says: /│ TEST │\n.*\n\(1 row\)\n$/,
    json: z.strictObject({ code: z.literal('TEST') }),
    wrongUse: ['dbshell', '--command'],
    failure: here(['dbshell', '-c', 'select nix']),
    because: /^Error: column "nix" does not exist\n$/,
  },
  migrate: {
    success: here(['migrate', '0001', '--plan']),
    says: /^ {2}Reverting \d{4}_\w+\n/,
    json: z.array(z.strictObject({ name: z.string(), direction: z.literal('revert') })).nonempty(),
    wrongUse: ['migrate', '--fast'],
    failure: here(['migrate', '9999']),
    because: /^Error: There is no migration 9999\n$/,
  },
  initdb: {
    success: here(['initdb']),
    says: /^Permissions, system roles and the default company are in place\n$/,
    json: z.strictObject({ initialized: z.literal(true) }),
    wrongUse: ['initdb', '--demo'],
    failure: here(['initdb'], unmigrated),
    because: /^Error: The database \(embedded in memory\) lacks \d+ migrations: run \.\/manage migrate\n$/,
  },
  showmigrations: {
    success: here(['showmigrations']),
    says: /^\[X\] 0001_\w+\n/,
    json: z
      .array(z.strictObject({ name: z.string(), state: z.literal('applied'), applied_at: z.iso.datetime() }))
      .nonempty(),
    wrongUse: ['showmigrations', '--all'],
    failure: here(['showmigrations'], unreachable),
    because: SILENCE,
  },
  sqlmigrate: {
    success: here(['sqlmigrate', '0001']),
    says: /^CREATE TABLE /m,
    json: z.strictObject({ name: z.string().startsWith('0001_'), sql: z.string().includes('CREATE TABLE') }),
    wrongUse: ['sqlmigrate'],
    failure: here(['sqlmigrate', '9999']),
    because: /^Error: There is no migration 9999\n$/,
  },
  makemigrations: {
    success: here(['makemigrations', '--check']),
    says: /^No changes detected\n$/,
    json: z.strictObject({ created: z.null(), changes: z.tuple([]) }),
    wrongUse: ['makemigrations', '--message'],
    failure: here(['makemigrations', '--rename', 'products']),
    because: /^Error: --rename products: expected old:new or table\.old:new\n$/,
  },
}
