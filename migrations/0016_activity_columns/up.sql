-- Tell the activity log which columns are amounts, and which can have a secret
-- What an entry tells of a record: amounts as text, as replies and data files have them (a number would lose digits in who reads
-- it), and secrets masked. There are none while all but the `plain` fields are as in `empty`; to look for them takes longer.
CREATE FUNCTION told_values(record jsonb, amounts text[], plain text[], empty jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  amount text;
BEGIN
  FOREACH amount IN ARRAY amounts LOOP
    IF record->>amount IS NOT NULL THEN record := jsonb_set(record, ARRAY[amount], to_jsonb(record->>amount)); END IF;
  END LOOP;
  IF record - plain <@ empty THEN RETURN record; END IF;
  RETURN mask_secrets(record);
END $$;

-- As in 0014, but that the trigger tells of the columns. One that was made before does not.
CREATE OR REPLACE FUNCTION record_activity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  actor CONSTANT jsonb := nullif(current_setting('app.actor', true), '')::jsonb;
  told CONSTANT text[] := '{id,company_id,created_at,created_by,updated_at,updated_by,deleted_at,version}';
  amounts text[] := TG_ARGV[0];
  plain CONSTANT text[] := coalesce(TG_ARGV[1], '{}');
  empty CONSTANT jsonb := coalesce(TG_ARGV[2], '{}');
BEGIN
  IF current_setting('app.record_activity', true) = 'off' THEN RETURN NULL; END IF;
  IF amounts IS NULL THEN
    amounts := ARRAY(SELECT attname FROM pg_attribute
      WHERE attrelid = TG_RELID AND atttypid = 'numeric'::regtype AND NOT attisdropped);
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, new_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record), 'create', told_values(record, amounts, plain, empty),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (SELECT company_id, id, to_jsonb(after) - told AS record FROM after OFFSET 0) made;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, old_values, new_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record),
      CASE new_values->>'is_deleted' WHEN 'true' THEN 'delete' WHEN 'false' THEN 'restore' ELSE 'update' END,
      told_values(old_values, amounts, plain, empty), told_values(new_values, amounts, plain, empty),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (
      SELECT after.company_id, id, to_jsonb(before) - told AS old_record, to_jsonb(after) - told AS record
      FROM before JOIN after USING (id) OFFSET 0
    ) pair
    CROSS JOIN LATERAL (
      SELECT jsonb_object_agg(key, old_record->key) AS old_values, jsonb_object_agg(key, value) AS new_values
      FROM jsonb_each(record) WHERE value IS DISTINCT FROM old_record->key
    ) changed
    WHERE new_values IS NOT NULL;
  ELSE
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, old_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record), 'delete', told_values(record, amounts, plain, empty),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (SELECT company_id, id, to_jsonb(before) - told AS record FROM before OFFSET 0) gone
    WHERE EXISTS (SELECT FROM companies WHERE companies.id = gone.company_id);
  END IF;
  RETURN NULL;
END $$;

-- The tables that are recorded already: as `makemigrations` writes it for new ones, from here on.
DO $$
DECLARE
  recorded record;
BEGIN
  FOR recorded IN
    SELECT tgrelid::regclass AS name, tgname, pg_get_triggerdef(pg_trigger.oid) AS definition,
      (SELECT format('%L, %L, %L',
          coalesce(array_agg(attname) FILTER (WHERE atttypid = 'numeric'::regtype), '{}'),
          coalesce(array_agg(attname) FILTER (WHERE is_plain), '{}'),
          coalesce(jsonb_object_agg(attname, '{}'::jsonb) FILTER (WHERE NOT is_plain), '{}'))
        FROM (
          SELECT attname, atttypid, typcategory IN ('B', 'D', 'E', 'N', 'S', 'T') AND NOT names_secret(attname) AS is_plain
          FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
          WHERE attrelid = tgrelid AND attnum > 0 AND NOT attisdropped AND attname <> ALL
            ('{id,company_id,created_at,created_by,updated_at,updated_by,deleted_at,version}'::name[])
        ) columns
      ) AS told
    FROM pg_trigger WHERE tgfoid = 'record_activity'::regproc
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', recorded.tgname, recorded.name);
    EXECUTE replace(recorded.definition, 'record_activity()', format('record_activity(%s)', recorded.told));
  END LOOP;
END $$;
