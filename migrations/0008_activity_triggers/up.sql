-- Record every change of the models with the activity mixin
-- JSON with *** for every value whose name says that it is a secret, at any depth. Twenty levels below, where nobody looks
-- for a secret and only an attacker puts one, all of it is.
CREATE FUNCTION mask_each_secret(value jsonb, depth integer) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF NOT names_secret(value::text) THEN RETURN value; END IF;
  IF depth > 20 THEN RETURN '"***"'; END IF;
  CASE jsonb_typeof(value)
    WHEN 'object' THEN RETURN (
      SELECT jsonb_object_agg(field.key, CASE
        WHEN names_secret(field.key) AND field.value <> 'null' THEN '"***"'
        ELSE mask_each_secret(field.value, depth + 1) END)
      FROM jsonb_each(value) field);
    WHEN 'array' THEN RETURN (
      SELECT jsonb_agg(mask_each_secret(item.value, depth + 1) ORDER BY item.n)
      FROM jsonb_array_elements(value) WITH ORDINALITY AS item (value, n));
    ELSE RETURN value;
  END CASE;
END $$;

-- These three are expanded where they are used: most JSON has no secret, is looked at and no more.
CREATE FUNCTION names_secret(words text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT words ~* '(passw|passphrase|secret|token|authorization|cookie|credential|(api|private|signing)[_-]?key|key[_-]?hash|(backup|recovery|two[_-]?factor)[_-]?code|(^|[^a-z0-9])(pwd|pin|otp|totp|cvv|cvc|jwt|auth)($|[^a-z0-9]))'
$$;

CREATE FUNCTION mask_secrets(value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN names_secret(value::text) THEN mask_each_secret(value, 0) ELSE value END
$$;

-- What people call a record.
CREATE FUNCTION display_name(record jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(coalesce(
    record->>'name', record->>'full_name', record->>'title', record->>'subject', record->>'number', record->>'code',
    record->>'username'), 255)
$$;

-- Writes the changes of one statement into the activity log, in one statement. Of an update it keeps the fields that differ,
-- and of all what the entry itself does not tell. `app.actor` says who works (Scope.actor); `app.record_activity` = 'off' is for loading history, which
-- brings its own log. With a company its log goes: nothing is written of the rows that go with it. OFFSET 0 keeps PostgreSQL
-- from making each row's JSON anew wherever it is used.
CREATE FUNCTION record_activity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  actor CONSTANT jsonb := nullif(current_setting('app.actor', true), '')::jsonb;
  told CONSTANT text[] := '{id,company_id,created_at,created_by,updated_at,updated_by,deleted_at,version}';
BEGIN
  IF current_setting('app.record_activity', true) = 'off' THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, new_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record), 'create', mask_secrets(record),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (SELECT company_id, id, to_jsonb(after) - told AS record FROM after OFFSET 0) made;
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO activity_logs (company_id, entity_type, entity_id, entity_name, action, old_values, new_values,
      user_id, session_id, ip_address, user_agent, request_id)
    SELECT company_id, TG_TABLE_NAME, id, display_name(record),
      CASE new_values->>'is_deleted' WHEN 'true' THEN 'delete' WHEN 'false' THEN 'restore' ELSE 'update' END,
      mask_secrets(old_values), mask_secrets(new_values), (actor->>'user_id')::bigint, (actor->>'session_id')::uuid,
      actor->>'ip_address', actor->>'user_agent', actor->>'request_id'
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
    SELECT company_id, TG_TABLE_NAME, id, display_name(record), 'delete', mask_secrets(record),
      (actor->>'user_id')::bigint, (actor->>'session_id')::uuid, actor->>'ip_address', actor->>'user_agent',
      actor->>'request_id'
    FROM (SELECT company_id, id, to_jsonb(before) - told AS record FROM before OFFSET 0) gone
    WHERE EXISTS (SELECT FROM companies WHERE companies.id = gone.company_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER activity_insert AFTER INSERT ON "products" REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION record_activity();
CREATE TRIGGER activity_update AFTER UPDATE ON "products" REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION record_activity();
CREATE TRIGGER activity_delete AFTER DELETE ON "products" REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION record_activity();
