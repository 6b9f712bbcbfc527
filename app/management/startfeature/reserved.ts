const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** What PostgreSQL takes for something else than a name; a test compares it with PostgreSQL's own list. */
export const SQL_WORDS = words(`
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
  localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning right
  select session_user similar some symmetric system_user table tablesample then to trailing true union unique user using
  variadic verbose when where window with`)

/** Columns that every table has. */
export const SYSTEM_COLUMNS = words('cmax cmin ctid tableoid xmax xmin')

/** What TypeScript and JavaScript take for something else than a name, or every object has. */
export const CODE_WORDS = words(`
  arguments async await break case catch class const constructor continue debugger default delete do else enum eval export
  extends false finally for function globalthis if implements import in infinity instanceof interface let module nan new
  null of package private protected public return static super switch this throw true try typeof undefined var void while
  with yield`)

/** What the code of a feature calls something else than its table. */
export const TEMPLATE_WORDS = words(`
  check dangling date describe expect forbidden index integer item jsonb numeric other own sample secret sql test text time
  uuid varchar`)
