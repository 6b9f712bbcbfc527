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

/** Lines of a file; an empty list is no line. */
export const lines = (...parts: (string | string[])[]): string => `${parts.flat().join('\n')}\n`
