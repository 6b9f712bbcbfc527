DROP TRIGGER activity_goes ON "companies";
DROP TRIGGER activity_goes ON "users";
DROP FUNCTION activity_of_the_gone();
DROP INDEX "activity_logs_user_id_company_id_id_idx";
CREATE INDEX "activity_logs_company_id_user_id_id_idx" ON "activity_logs" ("company_id","user_id","id");
CREATE INDEX "activity_logs_user_id_id_idx" ON "activity_logs" ("user_id","id");
-- Entries that were written while their company or user went. As who sees the rows of all companies.
SET LOCAL ROLE fastvue_system;
DELETE FROM "activity_logs" l WHERE company_id IS NOT NULL AND NOT EXISTS (SELECT FROM companies c WHERE c.id = l.company_id);
UPDATE "activity_logs" l SET user_id = NULL WHERE user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = l.user_id);
RESET ROLE;
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL;
CREATE OR REPLACE FUNCTION names_secret(words text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT words ~* '(passw|passphrase|secret|token|authorization|cookie|credential|(api|private|signing)[_-]?key|key[_-]?hash|(backup|recovery|two[_-]?factor)[_-]?code|(^|[^a-z0-9])(pwd|pin|otp|totp|cvv|cvc|jwt|auth)($|[^a-z0-9]))'
$$;
DO $$
BEGIN
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION new_id() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $body$
    DECLARE
      last bigint := coalesce(nullif(current_setting('app.last_id', true), ''), '0')::bigint;
      moment bigint;
      number bigint;
    BEGIN
      FOR attempt IN 1..8 LOOP
        number := nextval('public.id_counter');
        moment := floor((extract(epoch FROM clock_timestamp()) - 1767225600) * 250000);
        EXIT WHEN nextval('public.id_counter') - number <= 8 AND moment > last;
      END LOOP;
      moment := greatest(last + 1, moment);
      PERFORM set_config('app.last_id', moment::text, false);
      RETURN (moment << 5) | ((number # ('x' || left(md5(moment || %L), 2))::bit(8)::bigint) & 31);
    END $body$ $f$, gen_random_uuid());
END $$;
