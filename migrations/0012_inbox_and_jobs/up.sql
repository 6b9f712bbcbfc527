-- What notifications are about
ALTER TABLE "notifications" ADD COLUMN "model_name" varchar(100);
ALTER TABLE "notifications" ADD COLUMN "record_id" bigint;
ALTER TABLE "notifications" ADD COLUMN "is_internal" boolean DEFAULT false NOT NULL;
CREATE INDEX "notifications_unread_idx" ON "notifications" ("company_id","user_id") WHERE not is_read;

-- What a notification is about, so far only its inbox item knew.
UPDATE "notifications" n SET model_name = i.model_name, record_id = i.record_id, is_internal = i.is_internal
FROM "inbox_items" i WHERE i.company_id = n.company_id AND i.notification_id = n.id;
