import { Temporal } from 'temporal-polyfill'

/** When somebody does not want to be disturbed. */
export interface QuietTime {
  dnd_enabled: boolean
  /** Local times of day; an end before the start is on the next day, one like the start is no quiet time at all. */
  dnd_start: string
  dnd_end: string
  time_zone: string
}

/**
 * Until when a moment is in somebody's quiet time: the first moment after it that is not; undefined when it is not in it. By
 * the clock on their wall, on the days too when that is put forward or back.
 */
export function quietUntil(now: Date, quiet: QuietTime): Date | undefined {
  const here = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(quiet.time_zone)
  if (!isQuiet(here, quiet)) return undefined
  const end = Temporal.PlainTime.from(quiet.dnd_end)
  const isToday = Temporal.PlainTime.compare(here.toPlainTime(), end) < 0
  const local = here
    .toPlainDate()
    .add({ days: isToday ? 0 : 1 })
    .toPlainDateTime(end)
  const candidates = [
    local.toZonedDateTime(quiet.time_zone, { disambiguation: 'earlier' }),
    local.toZonedDateTime(quiet.time_zone, { disambiguation: 'later' }),
    here.getTimeZoneTransition('next'), // may put the clock past the end
  ].filter((one) => one !== null)
  const [first] = candidates
    .filter((one) => Temporal.ZonedDateTime.compare(one, here) > 0 && !isQuiet(one, quiet))
    .toSorted((one, other) => Temporal.ZonedDateTime.compare(one, other))
  return first && new Date(first.epochMilliseconds)
}

function isQuiet(moment: Temporal.ZonedDateTime, { dnd_enabled, dnd_start, dnd_end }: QuietTime): boolean {
  if (!dnd_enabled) return false
  const time = moment.toPlainTime()
  const isFrom = Temporal.PlainTime.compare(time, Temporal.PlainTime.from(dnd_start)) >= 0
  const isBefore = Temporal.PlainTime.compare(time, Temporal.PlainTime.from(dnd_end)) < 0
  return Temporal.PlainTime.compare(dnd_start, dnd_end) <= 0 ? isFrom && isBefore : isFrom || isBefore
}

/** The last moment, up to now, at which digests go out: 8:00 by the user's clock, on a Monday for weekly ones. */
export function lastDigestTime(now: Date, digest: 'daily' | 'weekly', time_zone: string): Date {
  const here = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(time_zone)
  const back = digest === 'weekly' ? here.dayOfWeek - 1 : 0
  const at = (days: number) =>
    here.toPlainDate().subtract({ days }).toZonedDateTime({ timeZone: time_zone, plainTime: EIGHT })
  const slot = at(back)
  const isPast = Temporal.ZonedDateTime.compare(slot, here) <= 0
  return new Date((isPast ? slot : at(back + (digest === 'weekly' ? 7 : 1))).epochMilliseconds)
}

const EIGHT = '08:00'
