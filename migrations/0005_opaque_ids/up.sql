-- Ids that grow with time and tell nothing else. Of a counter's gaps a company could read how much all others do.
--
-- new_id() is a moment, in units of 4 microseconds since 2026 (48 bits: until 2061), always later than the one before in the same
-- session, and five bits that keep sessions apart which ask in the same unit: a counter's, covered by what this database's own
-- secret makes of the moment. 53 bits in all, which a JSON number holds.
--
-- The clock is read between two numbers of the counter, again if others drew more than eight in between. So for two ids of one
-- unit to have the same five bits, 24 numbers would have to be drawn within 4 microseconds, several times what PostgreSQL can.
-- A clock that stands still for longer (an embedded database's has milliseconds) is run ahead of.
CREATE SEQUENCE id_counter;
GRANT USAGE ON SEQUENCE id_counter TO fastvue_app, fastvue_system;
DO $$
BEGIN
  EXECUTE format($f$
    CREATE FUNCTION new_id() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $body$
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

ALTER TABLE "api_keys" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "api_keys" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "groups" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "groups" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "idempotency_keys" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "idempotency_keys" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "oauth_accounts" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "oauth_accounts" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "passkeys" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "passkeys" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "permissions" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "permissions" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "products" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "products" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "roles" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "roles" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "user_company_roles" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "user_company_roles" ALTER COLUMN "id" SET DEFAULT new_id();
ALTER TABLE "users" ALTER COLUMN "id" DROP IDENTITY;
ALTER TABLE "users" ALTER COLUMN "id" SET DEFAULT new_id();
