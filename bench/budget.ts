/** A line of a report: a figure, and whether it is within its budget. Who else is to be told of a miss sees to it (docs/benchmarks.md). */
export const budget = (text: string, met: boolean): string => `${met ? 'met   ' : 'MISSED'} ${text}`
