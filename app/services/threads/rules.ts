import { AppError } from '../../core/errors.ts'
import { allows } from '../../core/permissions.ts'
import { MessageType } from '../../models/message.ts'
import type { Filter } from '../../schemas/list-query.ts'
import { SHORT_CONTENT, isShortContent } from '../../schemas/message.ts'
import type { Context } from '../context.ts'
import { INTERNAL, type RecordName, readsInternal } from './records.ts'
import { THREADED } from './threaded.ts'

/** What the system says, or somebody for it: nobody edits or deletes it. */
const SYSTEM_TYPES: ReadonlySet<MessageType> = new Set([MessageType.SYSTEM, MessageType.NOTIFICATION, MessageType.LOG])

interface Owned extends RecordName {
  user_id: number | null
  message_type: MessageType
}

/** A list shows 200 messages whole. @throws AppError `validation_error` */
export function demandShort(content: Parameters<typeof isShortContent>[0]): void {
  if (!isShortContent(content))
    throw new AppError('validation_error', [{ loc: ['body'], msg: SHORT_CONTENT, type: 'too_big' }])
}

/** A caller speaks with the system's voice, too, who may write internally. @throws AppError `permission_denied` */
export function demandMaySend(ctx: Context, { message_type }: Partial<Owned>): void {
  if (message_type && SYSTEM_TYPES.has(message_type) && !readsInternal(ctx))
    throw new AppError('permission_denied', `Missing permission: ${INTERNAL}`)
}

/** Its author edits a message, and nobody else. @throws AppError `permission_denied` */
export function demandMayEdit(ctx: Context, message: Owned): void {
  demandOfPeople(message)
  if (!isAuthor(ctx, message)) throw new AppError('permission_denied', 'Only its author may change a message')
}

/** Its author deletes a message, or who may delete the record. @throws AppError `permission_denied` */
export function demandMayDelete(ctx: Context, message: Owned): void {
  demandOfPeople(message)
  if (!isAuthor(ctx, message)) demandOnRecord(ctx, message, 'delete')
}

/** Its author pins a message, or who may change the record. @throws AppError `permission_denied` */
export function demandMayPin(ctx: Context, message: Owned): void {
  if (!isAuthor(ctx, message)) demandOnRecord(ctx, message, 'update')
}

/** The messages of one record, as filters of a list. */
export const aboutRecord = ({ model_name, record_id }: RecordName): Filter[] => [
  { field: 'model_name', operator: 'eq', value: model_name },
  { field: 'record_id', operator: 'eq', value: record_id },
]

const isAuthor = ({ user }: Context, { user_id }: Owned) => user !== null && user.id === user_id

function demandOfPeople({ message_type }: Owned): void {
  if (SYSTEM_TYPES.has(message_type))
    throw new AppError('permission_denied', 'A message of the system can be neither changed nor deleted')
}

function demandOnRecord({ permissions }: Context, { model_name }: Owned, action: string): void {
  const permission = THREADED.get(model_name)?.permission.replace(/\.read$/, `.${action}`)
  if (permission === undefined || !allows(permissions, permission))
    throw new AppError('permission_denied', `Missing permission: ${permission}`)
}
