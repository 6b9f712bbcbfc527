import { verifyPassword } from '../../app/core/passwords.ts'
import { manage } from '../support/command-line.ts'
import { describe, expect, test } from '../support/fixtures.ts'
import { rowsOf } from '../support/migrations.ts'

const flags = ['-u', 'root', '-e', 'root@example.com', '-p', 'secretpass']

describe('createsuperuser', () => {
  test('makes a user who is active, verified and a superuser', async ({ engine }) => {
    const { code, stdout } = await manage(['createsuperuser', ...flags, '--no-input'], { engine })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Superuser root <root@example.com> created, id \d+\n$/)
    const [row] = await rowsOf(engine, `select * from users where username = 'root'`)
    expect(row).toMatchObject({ is_active: true, is_verified: true, is_superuser: true, full_name: 'Root' })
    expect(await verifyPassword(String(row?.['password_hash']), 'secretpass')).toBe(true)
  })

  test('answers machines in JSON', async ({ engine }) => {
    const { stdout } = await manage(['createsuperuser', ...flags, '--json'], { engine })
    expect(JSON.parse(stdout)).toEqual({ id: expect.any(Number), username: 'root', email: 'root@example.com' })
  })

  test.for([
    ['-u', 'b d', '--username: must have 3 to 50 characters'],
    ['-u', 'ro\0ot', '--username: must have 3 to 50 characters'],
    ['-e', 'notmail', '--email: must be an e-mail address'],
    ['-p', 'x', '--password: must have at least 8 characters'],
    ['-p', 'password123', '--password: is one of the most common passwords'],
    ['-p', 'Root@example.com', "--password: must not be the user's own name or e-mail"],
  ])('refuses %s %j', async ([flag = '', value = '', line = ''], { engine }) => {
    const { code, stderr } = await manage(['createsuperuser', ...flags, flag, value], { engine })
    expect(code).toBe(1)
    expect(stderr).toContain(`Error: ${line}`)
    expect(await rowsOf(engine, `select * from users where email = 'root@example.com'`)).toEqual([])
  })

  test('names the faults of all that is given at once', async ({ engine }) => {
    const bad = ['-u', 'b d', '-e', 'notmail', '-p', 'b d']
    const { code, stdout, stderr } = await manage(['createsuperuser', ...bad], { engine })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^Error: --username: must have 3 to 50 characters/),
      expect.stringMatching(/^Error: --email: must be an e-mail address/),
      'Error: --password: must have at least 8 characters',
      "Error: --password: must not be the user's own name or e-mail",
      '',
    ])
  })

  test.for([
    ['-u', 'ADMIN', 'User with this username already exists'],
    ['-e', 'Admin@Example.com', 'User with this email already exists'],
  ])('refuses %s %j, which is taken', async ([flag = '', value = '', line], { engine }) => {
    const { code, stdout, stderr } = await manage(['createsuperuser', ...flags, flag, value], { engine })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `Error: ${line}\n` })
  })

  test('without --no-input or a terminal names the flag that is missing', async ({ engine }) => {
    const { code, stderr } = await manage(['createsuperuser', '-u', 'root'], { engine })
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Error: There is no terminal to ask on: give --email\n' })
  })

  test('with --no-input names every flag that is missing, and asks for nothing', async ({ engine }) => {
    const { code, stderr } = await manage(['createsuperuser', '-e', 'root@example.com', '--no-input'], {
      engine,
      answers: [],
    })
    expect(code).toBe(1)
    expect(stderr).toBe('Error: --no-input needs --username, --password (or --password-stdin, or FASTVUE_PASSWORD)\n')
  })

  test.for([
    ['from FASTVUE_PASSWORD', [], { env: { FASTVUE_PASSWORD: 'from the environment' } }, 'from the environment'],
    ['from standard input', ['--password-stdin'], { stdin: 'from the pipe\nmore\n' }, 'from the pipe'],
  ] as const)('takes the password %s', async ([, more, given, password], { engine }) => {
    const argv = ['createsuperuser', '-u', 'root', '-e', 'root@example.com', '--no-input', ...more]
    expect(await manage(argv, { engine, ...given })).toMatchObject({ code: 0 })
    const [row] = await rowsOf(engine, `select password_hash from users where username = 'root'`)
    expect(await verifyPassword(String(row?.['password_hash']), password)).toBe(true)
  })

  test('on a terminal asks, again after a bad answer, and never shows the password', async ({ engine }) => {
    const { code, stdout, stderr } = await manage(['createsuperuser'], {
      engine,
      answers: [
        ['Username:', 'r'],
        ['must have 3 to 50 characters', 'root'],
        ['Email address:', 'root@example.com'],
        ['Password:', 'good enough'],
        ['Password (again):', 'not the same'],
        ['Password:', 'good enough'],
        ['Password (again):', 'good enough'],
      ],
    })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Superuser root') })
    expect(stderr).toContain('The two passwords differ')
    expect(stderr).not.toContain('good enough')
    const [row] = await rowsOf(engine, `select password_hash from users where username = 'root'`)
    expect(await verifyPassword(String(row?.['password_hash']), 'good enough')).toBe(true)
  })
})

describe('showusers', () => {
  test('lists users in the order they came', async ({ engine, superuser }) => {
    const { code, stdout } = await manage(['showusers'], { engine })
    expect(code).toBe(0)
    for (const head of ['ID', 'Username', 'Email', 'Active', 'Superuser', 'Created']) expect(stdout).toContain(head)
    const names = [...stdout.matchAll(/(\w+)@example\.com/g)].map(([, name]) => name)
    expect(names).toEqual(['superuser', 'admin', 'manager', 'viewer', 'outsider', 'stranger'])
    expect(stdout).toContain(superuser.created_at.slice(0, 16).replace('T', ' '))
  })

  test('--superusers and --limit leave others out', async ({ engine, superuser }) => {
    const only = await manage(['showusers', '--superusers', '--json'], { engine })
    expect(JSON.parse(only.stdout)).toMatchObject([{ id: superuser.id, username: 'superuser', is_superuser: true }])
    const two = await manage(['showusers', '--limit', '2', '--json'], { engine })
    expect(JSON.parse(two.stdout)).toMatchObject([{ username: 'superuser' }, { username: 'admin' }])
  })

  test('leaves out who is deleted', async ({ engine }) => {
    await rowsOf(engine, `update users set is_deleted = true where username in ('viewer', 'superuser')`)
    const listed = async (...more: string[]) => {
      const { stdout } = await manage(['showusers', '--json', ...more], { engine })
      return (JSON.parse(stdout) as { username: string }[]).map(({ username }) => username)
    }
    expect(await listed()).toEqual(['admin', 'manager', 'outsider', 'stranger'])
    expect(await listed('--superusers')).toEqual([])
  })

  test('never shows a password hash', async ({ engine }) => {
    const { stdout } = await manage(['showusers', '--json'], { engine })
    expect(stdout).not.toContain('argon2')
  })

  test('says so when there is nobody', async ({ engine }) => {
    await rowsOf(engine, 'delete from users')
    expect(await manage(['showusers'], { engine })).toMatchObject({ code: 0, stdout: 'No users found\n' })
  })

  test.for(['0', '-1', 'many', '1.5', '99999999999'])('--limit %s is wrong use', async (limit, { engine }) => {
    expect(await manage(['showusers', `--limit=${limit}`], { engine })).toMatchObject({ code: 2, stdout: '' })
  })
})
