import type { Field } from './fields.ts'
import type { FeatureNames } from './names.ts'

/** What a feature is made of; the templates beside this file write it down. */
export interface Feature extends FeatureNames {
  fields: Field[]
}

/** What a body may leave out. */
export const isOptional = (field: Field): boolean => field.optional || field.default !== undefined

/** Fields that hold a value of their own, and those that name another record. */
export const valuesOf = ({ fields }: Feature): Field[] => fields.filter(({ target }) => !target)
export const referencesOf = ({ fields }: Feature) =>
  fields.flatMap(({ target, ...field }) => (target ? [{ ...field, target }] : []))

/** The tables that a feature refers to, each once. */
export const targetsOf = (feature: Feature): string[] => [
  ...new Set(referencesOf(feature).map(({ target }) => target.constant)),
]

/** The name of the constant that has an enum's values: `INVOICE_STATUS`. */
export const constantOf = ({ one }: Pick<Feature, 'one'>, name: string): string => `${one.snake}_${name}`.toUpperCase()

/** Lines of a file; an empty list is no line. */
export const lines = (...parts: (string | string[])[]): string => `${parts.flat().join('\n')}\n`
