DROP FUNCTION keep_activity_partitions(timestamp with time zone, integer, integer);
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
);
INSERT INTO "activity_logs" SELECT * FROM "activity_logs_before";
DROP TABLE "activity_logs_before";
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_pkey" PRIMARY KEY("id");
CREATE INDEX "activity_logs_uid_idx" ON "activity_logs" ("uid");
CREATE INDEX "activity_logs_company_id_created_at_id_idx" ON "activity_logs" ("company_id","created_at","id");
CREATE INDEX "activity_logs_company_id_entity_type_entity_id_id_idx" ON "activity_logs" ("company_id","entity_type","entity_id","id");
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
