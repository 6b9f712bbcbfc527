-- What the triggers tell is passed over again.
CREATE OR REPLACE FUNCTION record_activity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  actor CONSTANT jsonb := nullif(current_setting('app.actor', true), '')::jsonb;
  told CONSTANT text[] := '{id,company_id,created_at,created_by,updated_at,updated_by,deleted_at,version}';
  amounts text[];
BEGIN
  IF current_setting('app.record_activity', true) = 'off' THEN RETURN NULL; END IF;
  amounts := ARRAY(SELECT attname FROM pg_attribute
    WHERE attrelid = TG_RELID AND atttypid = 'numeric'::regtype AND NOT attisdropped);
  IF TG_OP = 'INSERT' THEN
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, new_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record), 'create', mask_secrets(record),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (SELECT company_id, id, exact_amounts(to_jsonb(after) - told, amounts) AS record FROM after OFFSET 0) made;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, old_values, new_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record),
      CASE new_values->>'is_deleted' WHEN 'true' THEN 'delete' WHEN 'false' THEN 'restore' ELSE 'update' END,
      mask_secrets(old_values), mask_secrets(new_values), (actor->>'user_id')::bigint, (actor->>'session_id')::uuid,
      actor->>'ip_address', actor->>'user_agent', actor->>'request_id'
    FROM (
      SELECT after.company_id, id, exact_amounts(to_jsonb(before) - told, amounts) AS old_record,
        exact_amounts(to_jsonb(after) - told, amounts) AS record
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
    SELECT company_id, TG_TABLE_NAME, id, display_name(record), 'delete', mask_secrets(record),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (SELECT company_id, id, exact_amounts(to_jsonb(before) - told, amounts) AS record FROM before OFFSET 0) gone
    WHERE EXISTS (SELECT FROM companies WHERE companies.id = gone.company_id);
  END IF;
  RETURN NULL;
END $$;
DROP FUNCTION told_values(jsonb, text[], text[], jsonb);
