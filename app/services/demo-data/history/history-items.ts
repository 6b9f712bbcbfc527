import { HISTORY_SECTIONS } from '../../../schemas/demo-data.ts'
import type { Faults } from '../faults.ts'
import type { HistorySection } from './history-section.ts'
import { checkItem } from '../checks/item-faults.ts'
import type { JsonItem } from '../json/json-file.ts'
import { uidOf } from './uids.ts'

/** An item of history. */
export interface CheckedItem<T> {
  index: number
  path: string
  /** What it names or, if it names none, what is made of what it says. */
  uid: string
  isGiven: boolean
  /** Undefined when it has faults. */
  item: T | undefined
}

/** Checks each item's own shape, and adds its faults. One with faults still has its uid: others may refer to it. */
export function checkShapes<T>(
  { name, schema }: HistorySection<T>,
  batch: JsonItem[],
  faults: Faults,
): CheckedItem<T>[] {
  return batch.map(({ index, value }) => {
    const path = `${name}[${index}]`
    const checked = checkItem(schema, value, path)
    if ('faults' in checked) faults.addAll(checked.faults)
    const given = uidIn(value)
    const item = 'item' in checked ? checked.item : undefined
    return { index, path, uid: given ?? uidOf(name, value), isGiven: given !== undefined, item }
  })
}

const { uid: Uid } = HISTORY_SECTIONS.messages.shape

function uidIn(value: unknown): string | undefined {
  const given = typeof value === 'object' && value !== null && 'uid' in value ? value.uid : undefined
  return given === undefined ? undefined : Uid.safeParse(given).data
}
