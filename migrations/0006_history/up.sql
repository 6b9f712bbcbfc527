-- Activity log, messages and notifications: what load-data and export-data carry
-- UUIDs that grow with time (version 7, RFC 9562): 48 bits of milliseconds, then chance. PostgreSQL has its own since 18.
CREATE FUNCTION new_uid() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(
    uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6
  ), 52, 1), 53, 1), 'hex')::uuid
$$;
CREATE TABLE "activity_logs" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
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
ALTER TABLE "activity_logs" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "activity_logs" FORCE ROW LEVEL SECURITY;
CREATE TABLE "messages" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "uid" uuid DEFAULT new_uid() NOT NULL,
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "model_name" varchar(100) NOT NULL,
  "record_id" bigint NOT NULL,
  "user_id" bigint,
  "parent_id" bigint,
  "subject" varchar(255),
  "body" text NOT NULL,
  "body_html" text,
  "message_type" varchar(20) DEFAULT 'comment' NOT NULL,
  "level" varchar(10) DEFAULT 'info' NOT NULL,
  "is_internal" boolean DEFAULT false NOT NULL,
  "is_pinned" boolean DEFAULT false NOT NULL,
  "edited_at" timestamp(3) with time zone,
  "attachments" jsonb DEFAULT '[]' NOT NULL,
  "metadata" jsonb DEFAULT '{}' NOT NULL
);
ALTER TABLE "messages" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "messages" FORCE ROW LEVEL SECURITY;
CREATE TABLE "notifications" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "uid" uuid DEFAULT new_uid() NOT NULL,
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "title" varchar(255) NOT NULL,
  "description" text,
  "level" varchar(10) DEFAULT 'info' NOT NULL,
  "link" varchar(2000),
  "data" jsonb DEFAULT '{}' NOT NULL,
  "is_read" boolean DEFAULT false NOT NULL,
  "read_at" timestamp(3) with time zone
);
ALTER TABLE "notifications" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "notifications" FORCE ROW LEVEL SECURITY;
CREATE INDEX "activity_logs_uid_idx" ON "activity_logs" ("uid");
CREATE INDEX "activity_logs_company_id_created_at_id_idx" ON "activity_logs" ("company_id","created_at","id");
CREATE INDEX "activity_logs_company_id_entity_type_entity_id_id_idx" ON "activity_logs" ("company_id","entity_type","entity_id","id");
CREATE INDEX "activity_logs_user_id_id_idx" ON "activity_logs" ("user_id","id");
CREATE UNIQUE INDEX "messages_company_id_id_key" ON "messages" ("company_id","id");
CREATE UNIQUE INDEX "messages_uid_key" ON "messages" ("uid");
CREATE INDEX "messages_company_id_model_name_record_id_id_idx" ON "messages" ("company_id","model_name","record_id","id");
CREATE INDEX "messages_company_id_parent_id_idx" ON "messages" ("company_id","parent_id") WHERE parent_id is not null;
CREATE INDEX "messages_user_id_idx" ON "messages" ("user_id");
CREATE UNIQUE INDEX "notifications_company_id_id_key" ON "notifications" ("company_id","id");
CREATE UNIQUE INDEX "notifications_uid_key" ON "notifications" ("uid");
CREATE INDEX "notifications_company_id_user_id_id_idx" ON "notifications" ("company_id","user_id","id");
CREATE INDEX "notifications_user_id_idx" ON "notifications" ("user_id");
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "activity_logs" ADD CONSTRAINT "activity_logs_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL;
ALTER TABLE "messages" ADD CONSTRAINT "messages_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "messages" ADD CONSTRAINT "messages_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL;
ALTER TABLE "messages" ADD CONSTRAINT "messages_company_id_parent_id_fkey" FOREIGN KEY ("company_id","parent_id") REFERENCES "messages"("company_id","id") ON DELETE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
CREATE POLICY "activity_logs_read" ON "activity_logs" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "activity_logs_add" ON "activity_logs" AS PERMISSIVE FOR INSERT TO "fastvue_app" WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "activity_logs_system" ON "activity_logs" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "messages_company" ON "messages" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "messages_system" ON "messages" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "notifications_company" ON "notifications" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "notifications_system" ON "notifications" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "activity_logs" TO fastvue_system;
GRANT SELECT, INSERT ON "activity_logs" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "messages" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "messages" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "notifications" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "notifications" TO fastvue_app;
