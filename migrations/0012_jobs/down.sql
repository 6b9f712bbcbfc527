DROP TABLE "jobs";
DROP INDEX "notifications_unread_idx";
ALTER TABLE "notifications" DROP COLUMN "model_name";
ALTER TABLE "notifications" DROP COLUMN "record_id";
ALTER TABLE "notifications" DROP COLUMN "is_internal";
