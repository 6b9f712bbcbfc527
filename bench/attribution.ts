import type { Profiler } from 'node:inspector'

export const PARTS = [
  'guard',
  'scope',
  'SQL and driver',
  'service',
  'validation',
  'serialising',
  'logging',
  'HTTP',
  'garbage collection',
  'rest',
] as const
export type Part = (typeof PARTS)[number]

interface Owner {
  part: Part
  /** Matched against "file function". */
  frames: RegExp
  /** Takes everything that it calls, known or not. */
  whole?: boolean
}

/**
 * Whose work a frame is; the first that fits. Node's own sockets and streams are nobody's: HTTP and the driver both go
 * through them, and the next caller tells which.
 */
const OWNERS: Owner[] = [
  { part: 'scope', frames: /app\/db\/server\.ts script$/, whole: true }, // BEGIN, SET LOCAL, COMMIT
  { part: 'scope', frames: /app\/db\/session\.ts|api\/deps\/database\.ts/ },
  { part: 'guard', frames: /api\/deps\/auth\.ts|core\/(tokens|permissions)\.ts|services\/principal\.ts|\/fast-jwt\// },
  { part: 'logging', frames: /middleware\/request-logging\.ts|core\/logging\.ts|\/pino|\/sonic-boom\// },
  { part: 'serialising', frames: /\/fast-json-stringify\/|fastify\/lib\/reply\.js serialize$/, whole: true },
  { part: 'validation', frames: /\/zod\/|http\/type-provider\.ts|app\/schemas\/|fastify\/lib\/validation\.js/ },
  { part: 'SQL and driver', frames: /node_modules\/(pg|pg-[a-z]+|postgres-[a-z]+|drizzle-orm)\/|app\/db\// },
  { part: 'service', frames: /app\/services\/|app\/api\/v1\// },
  { part: 'HTTP', frames: /node_modules\/|node:_http|node:internal\/http|app\// },
  { part: 'garbage collection', frames: / \(garbage collector\)$/ },
]

/** Milliseconds of each part: the self time of every sample goes to the nearest frame on its stack that has an owner. */
export function attribute(profile: Profiler.Profile): Map<Part, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const owners = new Map<number, Owner | undefined>()
  const ownerOf = (id: number): Owner | undefined => {
    if (owners.has(id)) return owners.get(id)
    const parent = parents.get(id)
    const above = parent === undefined ? undefined : ownerOf(parent)
    const owner = above?.whole ? above : (findOwner(nodes.get(id)) ?? above)
    owners.set(id, owner)
    return owner
  }
  const milliseconds = new Map<Part, number>(PARTS.map((part) => [part, 0]))
  const { samples = [], timeDeltas = [] } = profile
  for (const [n, id] of samples.entries()) {
    if (nodes.get(id)?.callFrame.functionName === '(idle)') continue
    const part = ownerOf(id)?.part ?? 'rest'
    // A delta is the time since the sample before: what a sample shows lasted until the next one.
    milliseconds.set(part, (milliseconds.get(part) ?? 0) + (timeDeltas[n + 1] ?? 0) / 1000)
  }
  return milliseconds
}

function findOwner(node: Profiler.ProfileNode | undefined): Owner | undefined {
  const frame = `${node?.callFrame.url} ${node?.callFrame.functionName}`
  return OWNERS.find(({ frames }) => frames.test(frame))
}
