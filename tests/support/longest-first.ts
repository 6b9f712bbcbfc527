import { readFileSync } from 'node:fs'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What is imported by files that start processes, by far the longest. */
const STARTS = /from '(?:node:child_process|\.\.?\/[^']*support\/(?:[\w-]+-project|running|fleet|cluster)\.ts)'/

/**
 * Where nothing is known of an earlier run, as in CI, the files that start processes go first: one of them at the end would
 * leave all other workers idle. With an earlier run, and among equals, the order is vitest's: the longest, or largest, first.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    if (files.every((file) => this.ctx.cache.getTestSpecificationResult(file))) return sorted
    const [first, then] = [true, false].map((long) => sorted.filter(({ moduleId }) => isLong(moduleId) === long))
    return [...(first ?? []), ...(then ?? [])]
  }
}

const isLong = (file: string): boolean => STARTS.test(readFileSync(file, 'utf8'))
