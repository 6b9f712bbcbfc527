/** Every test user's password. */
export const PASSWORD = 'correct horse battery staple'
