/** The part of `pg` that turns values into what is sent; its types leave it out. */
declare module 'pg/lib/utils.js' {
  /** @throws Error for a value that refers to itself */
  export function prepareValue(value: unknown): string | Buffer | null
}
