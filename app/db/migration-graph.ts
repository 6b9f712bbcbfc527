import { MigrationError } from './migration-error.ts'

interface Node {
  name: string
  parents: string[]
}

/**
 * Migrations so that each comes after its parents, by name where that leaves a choice: the same order on every machine,
 * in whatever order branches were merged.
 * @throws MigrationError for a parent that is not there, or a cycle.
 */
export function inOrder<N extends Node>(nodes: N[]): N[] {
  const waiting = new Map(nodes.map((node) => [node.name, node]))
  for (const { name, parents } of nodes)
    for (const parent of parents)
      if (!waiting.has(parent)) throw new MigrationError(`Migration ${name} builds on ${parent}, which is not there`)

  const ordered: N[] = []
  const isReady = ({ parents }: N) => parents.every((parent) => !waiting.has(parent))
  while (waiting.size > 0) {
    const [next] = [...waiting.values()].filter(isReady).sort((a, b) => (a.name < b.name ? -1 : 1))
    if (!next) throw new MigrationError(`Migrations build on each other in a circle: ${[...waiting.keys()].join(', ')}`)
    waiting.delete(next.name)
    ordered.push(next)
  }
  return ordered
}

/** The names given and everything they build on, directly or not. `nodes` is in order. */
export function withAncestors(nodes: Node[], names: Iterable<string>): Set<string> {
  const found = new Set(names)
  for (const { name, parents } of nodes.toReversed())
    if (found.has(name)) for (const parent of parents) found.add(parent)
  return found
}

/** The names on which nothing else among `nodes` builds: one, or several after a merge of branches. */
export function leavesOf(nodes: Node[]): string[] {
  const built = new Set(nodes.flatMap(({ parents }) => parents))
  return nodes.map(({ name }) => name).filter((name) => !built.has(name))
}

/** The migration of a name, or of the beginning of one (`0002`). @throws MigrationError for none, or several. */
export function findMigration<N extends Node>(nodes: N[], beginning: string): N {
  const exact = nodes.find(({ name }) => name === beginning)
  if (exact) return exact
  const [found, ...others] = nodes.filter(({ name }) => name.startsWith(beginning))
  if (!found) {
    const near = nodes.filter(({ name }) => name.includes(beginning)).map(({ name }) => name)
    const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''
    throw new MigrationError(`There is no migration ${beginning}${hint}`)
  }
  if (others.length > 0)
    throw new MigrationError(
      `${beginning} could be ${[found, ...others].map(({ name }) => name).join(' or ')}; give more of its name`,
    )
  return found
}
