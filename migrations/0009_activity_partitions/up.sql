-- Keep the activity log in monthly partitions
-- The owner of the tables is held by row-level security too: not while the rows move.
ALTER TABLE "activity_logs" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "activity_logs" RENAME TO "activity_logs_before";
CREATE TABLE "activity_logs" (
  "id" bigint DEFAULT new_id() NOT NULL,
  "uid" uuid DEFAULT new_uid() NOT NULL,
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint,
  "user_id" bigint,
  "action" varchar(50) NOT NULL,
  "category" varchar(30) DEFAULT 'data_management' NOT NULL,
  "level" varchar(10) DEFAULT 'info' NOT NULL,
  "entity_type" varchar(100),
  "entity_id" bigint,
  "entity_name" varchar(255),
  "description" text,
  "old_values" jsonb,
  "new_values" jsonb,
  "metadata" jsonb DEFAULT '{}' NOT NULL,
  "ip_address" varchar(45),
  "user_agent" varchar(500),
  "request_id" varchar(100),
  "session_id" uuid,
  "success" boolean DEFAULT true NOT NULL,
  "error_message" text,
  "risk_score" smallint DEFAULT 0 NOT NULL,
  "risk_reasons" jsonb DEFAULT '[]' NOT NULL,
  "is_suspicious" boolean DEFAULT false NOT NULL
) PARTITION BY RANGE ("created_at");

-- Whatever has no month of its own: history that was loaded may be of any time, and no insert fails for want of a partition.
-- Nobody but the owner is granted a partition: who reads and writes goes through the table, and so by its policies.
CREATE TABLE "activity_logs_default" PARTITION OF "activity_logs" DEFAULT;
ALTER TABLE "activity_logs_default" ENABLE ROW LEVEL SECURITY;

-- Makes the partitions of this month and of those ahead, and drops those that are wholly older than `retention_days` (0: none),
-- with what is as old among the rest. Months are of UTC. Called by fastvue_system, which owns no table.
CREATE FUNCTION keep_activity_partitions(moment timestamp with time zone, ahead integer, retention_days integer,
  OUT made text[], OUT dropped text[], OUT deleted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '10s' SET TimeZone = 'UTC' AS $$
DECLARE
  month timestamp with time zone;
  partition text;
  oldest timestamp with time zone := moment - make_interval(days => retention_days);
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('fastvue_activity_partitions'));
  made := '{}';
  dropped := '{}';
  deleted := 0;
  FOR month IN SELECT generate_series(date_trunc('month', moment), date_trunc('month', moment) + make_interval(months => ahead), '1 month') LOOP
    partition := to_char(month, '"activity_logs_y"YYYY"m"MM');
    CONTINUE WHEN to_regclass('public.' || partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.activity_logs INCLUDING DEFAULTS)', partition);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', partition);
    -- Rows of that month that came before its partition. Nobody adds one meanwhile.
    LOCK TABLE public.activity_logs_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('WITH moved AS (DELETE FROM public.activity_logs_default WHERE created_at >= %L AND created_at < %L RETURNING *)
      INSERT INTO public.%I SELECT * FROM moved', month, month + interval '1 month', partition);
    EXECUTE format('ALTER TABLE public.activity_logs ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      partition, month, month + interval '1 month');
    made := made || partition;
  END LOOP;
  IF retention_days > 0 THEN
    DELETE FROM public.activity_logs_default WHERE created_at < oldest;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    FOR partition IN
      SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = 'public.activity_logs'::regclass AND relname ~ '^activity_logs_y[0-9]+m[0-9]+$'
        AND to_timestamp(substr(relname, 16), 'YYYY"m"MM') + interval '1 month' <= oldest
      ORDER BY relname
    LOOP
      EXECUTE format('DROP TABLE public.%I', partition);
      dropped := dropped || partition;
    END LOOP;
  END IF;
END $$;
REVOKE ALL ON FUNCTION keep_activity_partitions(timestamp with time zone, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keep_activity_partitions(timestamp with time zone, integer, integer) TO fastvue_system;

-- A partition for each month of the last two years of which there are rows, and for those to come.
DO $$
DECLARE
  month timestamp with time zone;
BEGIN
  FOR month IN
    SELECT DISTINCT date_trunc('month', created_at, 'UTC') FROM activity_logs_before
    WHERE created_at BETWEEN now() - interval '2 years' AND now()
  LOOP
    PERFORM keep_activity_partitions(month, 0, 0);
  END LOOP;
  PERFORM keep_activity_partitions(now(), 3, 0);
END $$;
INSERT INTO "activity_logs" SELECT * FROM "activity_logs_before";
DROP TABLE "activity_logs_before";
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_pkey" PRIMARY KEY("id","created_at");
CREATE INDEX "activity_logs_uid_idx" ON "activity_logs" ("uid");
CREATE INDEX "activity_logs_company_id_created_at_id_idx" ON "activity_logs" ("company_id","created_at","id");
CREATE INDEX "activity_logs_company_id_entity_type_entity_id_id_idx" ON "activity_logs" ("company_id","entity_type","entity_id","id");
CREATE INDEX "activity_logs_company_id_user_id_id_idx" ON "activity_logs" ("company_id","user_id","id");
CREATE INDEX "activity_logs_user_id_id_idx" ON "activity_logs" ("user_id","id");
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL;
ALTER TABLE "activity_logs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "activity_logs" FORCE ROW LEVEL SECURITY;
CREATE POLICY "activity_logs_read" ON "activity_logs" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "activity_logs_add" ON "activity_logs" AS PERMISSIVE FOR INSERT TO "fastvue_app" WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "activity_logs_system" ON "activity_logs" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "activity_logs" TO fastvue_system;
GRANT SELECT, INSERT ON "activity_logs" TO fastvue_app;
