/** The guide's example of a demo data file. */
export const GUIDE_FILE = {
  companies: [{ name: 'ACME Corp', code: 'ACME', is_active: true }],
  users: [
    {
      email: 'admin@example.com',
      username: 'admin',
      password: 'secret123',
      is_superuser: true,
      current_company_code: 'ACME',
    },
  ],
  roles: [{ name: 'Admin', is_system_role: true, permissions: ['user.read', 'user.create'] }],
  groups: [{ name: 'Engineering', company_code: 'ACME', users: ['admin@example.com'] }],
  user_company_roles: [{ user_email: 'admin@example.com', company_code: 'ACME', role_name: 'Admin', is_default: true }],
}
