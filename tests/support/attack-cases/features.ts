import type { AttackCase } from '../attack.ts'
import type { Feature, Victim } from './case.ts'
import { productFeature } from './products.ts'

/** Every feature, by its table. A new one adds its line here. */
export const FEATURES: Record<string, Feature> = {
  products: productFeature,
}

export const featureCases = (victim: Victim): Record<string, AttackCase> =>
  Object.assign({}, ...Object.entries(FEATURES).map(([table, { cases }]) => cases(victim, victim.records[table]!)))
