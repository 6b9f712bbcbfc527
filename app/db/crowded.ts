import { AppError } from '../core/errors.ts'

/** What is told to who comes when too many wait for the database already. */
export const crowded = (): AppError =>
  new AppError('overloaded', 'Too many requests wait for the database; try again later')
