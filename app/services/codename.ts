/** A role's or group's codename: its own, or made of its name (`Sales Manager` → `sales_manager`). */
export function codenameOf({ name, codename }: { name: string; codename?: string }): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [name]
  return codename ?? words.join('_')
}
