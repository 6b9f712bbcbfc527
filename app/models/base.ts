import { companies } from './company.ts'
import {
  activeMixin,
  bigintNumber,
  idMixin,
  metadataMixin,
  softDeleteMixin,
  timestampMixin,
  urlMixin,
  versionMixin,
} from './mixins.ts'
import { ACTIVITY, MAIL_THREAD } from './table.ts'
import { users } from './user.ts'

export { activeMixin, metadataMixin, softDeleteMixin, timestampMixin, urlMixin, versionMixin } from './mixins.ts'
export { ACTIVITY, MAIL_THREAD, companyTable, featureOf, hasFeature, systemTable } from './table.ts'

/** `created_by`, `updated_by`: stamped by `BaseCRUDService`, empty for work that no user asked for. */
export const auditMixin = () => ({
  created_by: bigintNumber().references(() => users.id, { onDelete: 'set null' }),
  updated_by: bigintNumber().references(() => users.id, { onDelete: 'set null' }),
})

/** `company_id`: use it in a `companyTable`, which guards it; where another kind of table has it, its policies are its own. */
export const companyScopedMixin = () => ({
  company_id: bigintNumber()
    .notNull()
    .references(() => companies.id, { onDelete: 'cascade' }),
})

/** `user_id`: whose row it is. It goes with them. */
export const ofUserMixin = () => ({
  user_id: bigintNumber()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
})

/** The model's changes belong in the activity log. Without a column of its own: `hasFeature(table, ACTIVITY)`. */
export const activityMixin = () => ({ [ACTIVITY]: true })
/**
 * The model's records have a message thread: `hasFeature(table, MAIL_THREAD)`.
 * @param of.resource the first half of its permissions, where the table's name does not give it: `person` of `people`
 */
export const mailThreadMixin = ({ resource }: Threaded = {}) => ({ [MAIL_THREAD]: resource ?? true })

interface Threaded {
  resource?: string
}

// The combined models: each adds one mixin to the one before.
export const baseModel = () => ({ ...idMixin(), ...timestampMixin() })
export const auditableModel = () => ({ ...baseModel(), ...auditMixin() })
export const softDeleteModel = () => ({ ...auditableModel(), ...softDeleteMixin() })
export const activeModel = () => ({ ...softDeleteModel(), ...activeMixin() })
export const companyScopedModel = () => ({ ...activeModel(), ...companyScopedMixin() })
export const activityModel = () => ({ ...companyScopedModel(), ...activityMixin() })
export const mailThreadModel = (threaded?: Threaded) => ({ ...activityModel(), ...mailThreadMixin(threaded) })
/** Everything: `mailThreadModel` with version, metadata and URL. */
export const enterpriseModel = (threaded?: Threaded) => ({
  ...mailThreadModel(threaded),
  ...versionMixin(),
  ...metadataMixin(),
  ...urlMixin(),
})
