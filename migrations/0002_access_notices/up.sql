-- Whatever changes who may do what says so on channel "fastvue_access", in its own transaction, so that no code path can
-- forget it and no process acts on what it remembers from before. The payload is a user's id, or * for everybody.

CREATE FUNCTION notify_access_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The argument is the column that has the user's id. A row that moves from one user to another concerns both.
  IF TG_OP <> 'INSERT' THEN PERFORM pg_notify('fastvue_access', to_jsonb(OLD) ->> TG_ARGV[0]); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM pg_notify('fastvue_access', to_jsonb(NEW) ->> TG_ARGV[0]); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION notify_access_of_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('fastvue_access', '*');
  RETURN NULL;
END $$;

-- A log-in changes nothing about a user's rights; anything else might, new columns included.
CREATE TRIGGER access_update AFTER UPDATE ON users FOR EACH ROW
  WHEN (to_jsonb(OLD) - '{last_login_at,updated_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{last_login_at,updated_at}'::text[])
  EXECUTE FUNCTION notify_access_of_user('id');
CREATE TRIGGER access_delete AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION notify_access_of_user('id');
CREATE TRIGGER access_truncate AFTER TRUNCATE ON users EXECUTE FUNCTION notify_access_of_all();

CREATE TRIGGER access_change AFTER UPDATE OF user_id, revoked_at, expires_at OR DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION notify_access_of_user('user_id');
CREATE TRIGGER access_truncate AFTER TRUNCATE ON sessions EXECUTE FUNCTION notify_access_of_all();

CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE ON user_company_roles
  FOR EACH ROW EXECUTE FUNCTION notify_access_of_user('user_id');
CREATE TRIGGER access_truncate AFTER TRUNCATE ON user_company_roles EXECUTE FUNCTION notify_access_of_all();

CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE ON user_groups
  FOR EACH ROW EXECUTE FUNCTION notify_access_of_user('user_id');
CREATE TRIGGER access_truncate AFTER TRUNCATE ON user_groups EXECUTE FUNCTION notify_access_of_all();

-- These concern everybody who has them: one notice a statement.
CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON companies EXECUTE FUNCTION notify_access_of_all();
CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON permissions EXECUTE FUNCTION notify_access_of_all();
CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON roles EXECUTE FUNCTION notify_access_of_all();
CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON role_permissions EXECUTE FUNCTION notify_access_of_all();
CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON groups EXECUTE FUNCTION notify_access_of_all();
CREATE TRIGGER access_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON group_permissions EXECUTE FUNCTION notify_access_of_all();
