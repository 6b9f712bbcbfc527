-- Who is online
CREATE TABLE "live_processes" (
  "id" uuid PRIMARY KEY,
  "seen_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
CREATE TABLE "presences" (
  "process_id" uuid,
  "company_id" bigint,
  "user_id" bigint,
  CONSTRAINT "presences_pkey" PRIMARY KEY("company_id","user_id","process_id")
);
ALTER TABLE "presences" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "presences" FORCE ROW LEVEL SECURITY;
CREATE INDEX "presences_process_id_idx" ON "presences" ("process_id");
CREATE INDEX "presences_user_id_idx" ON "presences" ("user_id");
ALTER TABLE "presences" ADD CONSTRAINT "presences_process_id_live_processes_id_fkey" FOREIGN KEY ("process_id") REFERENCES "live_processes"("id") ON DELETE CASCADE;
ALTER TABLE "presences" ADD CONSTRAINT "presences_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "presences" ADD CONSTRAINT "presences_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
CREATE POLICY "presences_read" ON "presences" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "presences_system" ON "presences" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "live_processes" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "presences" TO fastvue_system;
GRANT SELECT ON "presences" TO fastvue_app;
