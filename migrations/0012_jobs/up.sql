-- Jobs, and what notifications are about
CREATE TABLE "jobs" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "name" varchar(60) NOT NULL,
  "key" varchar(200),
  "company_id" bigint,
  "data" jsonb DEFAULT '{}' NOT NULL,
  "run_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "attempts" integer DEFAULT 0 NOT NULL,
  "locked_by" uuid,
  "locked_until" timestamp(3) with time zone,
  "failed_at" timestamp(3) with time zone,
  "error" text
);
ALTER TABLE "notifications" ADD COLUMN "model_name" varchar(100);
ALTER TABLE "notifications" ADD COLUMN "record_id" bigint;
ALTER TABLE "notifications" ADD COLUMN "is_internal" boolean DEFAULT false NOT NULL;
CREATE UNIQUE INDEX "jobs_key_key" ON "jobs" ("key") WHERE key is not null and failed_at is null;
CREATE INDEX "jobs_due_idx" ON "jobs" ("run_at","id") WHERE failed_at is null;
CREATE INDEX "jobs_company_id_idx" ON "jobs" ("company_id");
CREATE INDEX "notifications_unread_idx" ON "notifications" ("company_id","user_id") WHERE not is_read;
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
GRANT SELECT, INSERT, UPDATE, DELETE ON "jobs" TO fastvue_system;

-- What a notification is about, so far only its inbox item knew. As who sees the rows of all companies.
SET LOCAL ROLE fastvue_system;
UPDATE "notifications" n SET model_name = i.model_name, record_id = i.record_id, is_internal = i.is_internal
FROM "inbox_items" i WHERE i.company_id = n.company_id AND i.notification_id = n.id;
RESET ROLE;
