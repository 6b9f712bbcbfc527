-- Neither a log-in nor a failed one changes anything about a user's rights; anything else might, new columns included.
DROP TRIGGER access_update ON users;
CREATE TRIGGER access_update AFTER UPDATE ON users FOR EACH ROW
  WHEN (to_jsonb(OLD) - '{last_login_at,updated_at,failed_login_attempts,locked_until}'::text[]
    IS DISTINCT FROM to_jsonb(NEW) - '{last_login_at,updated_at,failed_login_attempts,locked_until}'::text[])
  EXECUTE FUNCTION notify_access_of_user('id');

CREATE TRIGGER access_change AFTER UPDATE OF user_id, company_id, permissions, expires_at OR DELETE ON api_keys
  FOR EACH ROW EXECUTE FUNCTION notify_access_of_user('user_id');
CREATE TRIGGER access_truncate AFTER TRUNCATE ON api_keys EXECUTE FUNCTION notify_access_of_all();
