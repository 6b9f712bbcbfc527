import { type HistoryName, SECTIONS } from '../../schemas/demo-data.ts'
import { itemsOf, readJsonFile } from './json/json-file.ts'
import { type DemoFile, parseDemoData } from './parse.ts'

/**
 * Reads a demo data file; the items of its history stay there until they are asked for.
 * @throws DemoDataError when it is not there, not JSON, or not an object of lists
 */
export async function readDemoFile(path: string): Promise<DemoFile> {
  const file = await readJsonFile(path, (name) => !Object.hasOwn(SECTIONS, name))
  const count = (section: HistoryName) => file.lists.get(section)?.count ?? 0
  return {
    ...parseDemoData(file.members),
    history: {
      counts: {
        notifications: count('notifications'),
        activity_logs: count('activity_logs'),
        messages: count('messages'),
      },
      items: (section) => itemsOf(file, section),
    },
  }
}

/** How many items a file has in all. */
export function itemCount({ items, history }: DemoFile): number {
  const kept = Object.values(items).map((entries) => entries.length)
  return [...kept, ...Object.values(history.counts)].reduce((sum, count) => sum + count, 0)
}
