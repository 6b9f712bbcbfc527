DROP TRIGGER access_truncate ON api_keys;
DROP TRIGGER access_change ON api_keys;
DROP TRIGGER access_update ON users;
CREATE TRIGGER access_update AFTER UPDATE ON users FOR EACH ROW
  WHEN (to_jsonb(OLD) - '{last_login_at,updated_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{last_login_at,updated_at}'::text[])
  EXECUTE FUNCTION notify_access_of_user('id');
