import { expect, test } from 'vitest'
import { psqlAddress } from '../../app/management/dbshell/run-psql.ts'

test.each([
  ['postgres://anna:hush@db.example.com:5433/shop', 'postgres://anna@db.example.com:5433/shop'],
  ['postgres://anna@[::1]/shop?sslmode=verify-full', 'postgres://anna@[::1]/shop?sslmode=verify-full'],
  ['postgres://anna@h/shop?password=hush&sslpassword=hush', 'postgres://anna@h/shop'],
  ['postgres://anna@h/shop?sslmode=no-verify&uselibpqcompat=true', 'postgres://anna@h/shop?sslmode=require'],
  ['postgres://anna@h/shop?ssl=true', 'postgres://anna@h/shop?sslmode=require'],
  ['postgres://anna@h/shop?ssl=0', 'postgres://anna@h/shop'],
  ['postgresql:///shop?host=/run/postgresql', 'postgresql:///shop?host=%2Frun%2Fpostgresql'],
  ['postgres://anna@h/shop?options=-c%20a=1%2B1', 'postgres://anna@h/shop?options=-c%20a%3D1%2B1'],
  ['postgres://anna@h/sh%C3%B6p%20"1"', 'postgres://anna@h/sh%C3%B6p%20%221%22'],
  ['postgres://anna@h/a;b/c', 'postgres://anna@h/a%3Bb%2Fc'],
])('%s is %s to psql, which knows no secret of it', (address, expected) => {
  expect(psqlAddress(address)).toBe(expected)
})
