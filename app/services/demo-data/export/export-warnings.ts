import type { CountedSection, Tally } from './export-reader.ts'
import type { ExportSection } from './export-sections.ts'

/** What is to be said about a section: rows that are not in the file, items that lack something or cannot be loaded. */
export function warningsOf({ name, leftOut }: ExportSection, rows: number, tally: Tally): string[] {
  const missing = rows - tally.items
  return [
    ...(missing > 0 ? [`${missing} of ${rows} left out: ${leftOut}`] : []),
    ...tally.lost.entries().map(([what, count]) => `${count} without ${what}`),
    ...(tally.refused > 0 ? [`${tally.refused} that load-data will refuse, first ${tally.firstFault}`] : []),
  ].map((line) => `${name}: ${line}`)
}

/** Sections that nobody has asked for. */
export function historyWarning(sections: CountedSection[]): string[] {
  const found = sections.filter(({ count }) => count > 0).map(({ section, count }) => `${count} ${section.name}`)
  return found.length > 0 ? [`${found.join(', ')} left out: --all takes them along`] : []
}
