import type { Connection, Engine } from '../../app/db/engine.ts'

/**
 * Remembers what is in every table now, in a schema `baseline` beside them, with a function `baseline.restore()` that
 * brings it back. The function looks for what a test has changed and touches only that: a few milliseconds, where
 * TRUNCATE or a new database takes 50 to 600.
 */
export async function rememberBaseline(engine: Engine): Promise<void> {
  const connection = await engine.connect()
  try {
    const names = await column(
      connection,
      `SELECT quote_ident(relname) FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    )
    await connection.script('CREATE SCHEMA baseline')
    const tables = []
    for (const name of names) tables.push(await rememberTable(connection, name))
    // Two functions: to take on the part of a replica, without foreign keys' checks and the application's triggers, makes
    // PostgreSQL forget all of its plans. Most tests have changed little or nothing.
    await connection.script(`
      CREATE FUNCTION baseline.put_back(changed text[]) RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
      BEGIN ${tables.map(({ putBack }) => putBack).join('')}
      END $$;
      CREATE FUNCTION baseline.restore() RETURNS void LANGUAGE plpgsql AS $$
      DECLARE changed text[] := '{}';
      BEGIN ${tables.map(({ look }) => look).join('')}
        IF changed <> '{}' THEN PERFORM baseline.put_back(changed); END IF;
      END $$`)
  } finally {
    connection.release()
  }
}

async function rememberTable(connection: Connection, table: string): Promise<{ look: string; putBack: string }> {
  const counters = await column(
    connection,
    `SELECT seqrelid::regclass FROM pg_depend JOIN pg_sequence ON seqrelid = objid
     WHERE refobjid = 'public.${table}'::regclass AND deptype IN ('a', 'i')`,
  )
  const state = [
    `(SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) FROM public.${table} AS t)`,
    ...counters.map((counter) => `(SELECT last_value || ' ' || is_called FROM ${counter})`),
  ].join(` || ' ' || `)
  const [before = ''] = await column(connection, `SELECT ${state}`)
  const [columns = ''] = await column(
    connection,
    `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
     WHERE attrelid = 'public.${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
  )
  const reset = []
  for (const counter of counters)
    reset.push(
      ...(await column(
        connection,
        `SELECT format('PERFORM setval(%L, %s, %L);', '${counter}', last_value, is_called) FROM ${counter}`,
      )),
    )
  await connection.script(`CREATE TABLE baseline.${table} AS TABLE public.${table}`)
  return {
    look: `
        IF ${state} <> '${before}' THEN changed := changed || '${table}'::text; END IF;`,
    putBack: `
        IF '${table}' = ANY (changed) THEN
          DELETE FROM public.${table};
          INSERT INTO public.${table} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM baseline.${table};
          ${reset.join(' ')}
        END IF;`,
  }
}

async function column(connection: Connection, text: string): Promise<string[]> {
  const { rows } = await connection.query({ text })
  return rows.map((row) => String(Object.values(row)[0]))
}
