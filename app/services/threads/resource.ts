import { recordName } from '../../db/errors.ts'

/** The first half of the permissions of a table's records, as far as its name gives it: `sales_order` of `sales_orders`. */
export const resourceOf = (table: string): string => recordName(table).toLowerCase().replaceAll(' ', '_')
