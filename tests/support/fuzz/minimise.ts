import { type Call, sourcesOf } from './call.ts'
import type { Outcome, World } from './world.ts'

const MOST_REPLAYS = 40

/** The fewest calls that still end with the same fault. None, if it does not happen again. */
export async function minimise(
  outcome: Outcome,
  history: Call[],
  world: () => World,
): Promise<{ calls: Call[]; outcomes: Outcome[] }> {
  const last = outcome.call
  const before = history.slice(0, -1)
  let left = MOST_REPLAYS
  let shown: Outcome[] = []
  const fails = async (calls: Call[]): Promise<boolean> => {
    left--
    const again = world()
    await again.begin()
    const outcomes: Outcome[] = []
    for (const call of [...calls, last]) outcomes.push(await again.make(call))
    const failed = isSame(outcomes.at(-1)!, outcome)
    if (failed) shown = outcomes
    return failed
  }

  // Mostly the calls whose replies it was made of are enough.
  const needed = closure(last, before)
  let calls = (await fails(needed)) ? needed : before
  if (calls === before && !(await fails(before))) return { calls: [], outcomes: [] }
  // Leaves out ever smaller pieces, the latest first, as long as it fails without them.
  for (let size = Math.ceil(calls.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = calls.length; end > 0; end -= size) {
      if (left <= 0) break
      const fewer = calls.toSpliced(Math.max(end - size, 0), Math.min(size, end))
      if (await fails(fewer)) calls = fewer
    }
  }
  return { calls: [...calls, last], outcomes: shown }
}

/** The call's sources, theirs, and so on. */
function closure(last: Call, before: Call[]): Call[] {
  const needed = sourcesOf(last)
  for (const call of before.toReversed())
    if (needed.has(call.number)) for (const source of sourcesOf(call)) needed.add(source)
  return before.filter(({ number }) => needed.has(number))
}

const kindOf = (fault: string) => fault.replaceAll(/\d+/g, '0').slice(0, 60)

function isSame(again: Outcome, first: Outcome): boolean {
  const faults = first.faults.map(kindOf)
  return again.faults.some((fault) => faults.includes(kindOf(fault)))
}
