SET LOCAL ROLE fastvue_system;
DELETE FROM "idempotency_keys" WHERE "company_id" IS NULL;
RESET ROLE;
ALTER TABLE "idempotency_keys" DROP CONSTRAINT "idempotency_keys_company_id_user_id_key_key";
ALTER TABLE "idempotency_keys" ALTER COLUMN "company_id" SET NOT NULL;
CREATE UNIQUE INDEX "idempotency_keys_company_id_user_id_key_key" ON "idempotency_keys" ("company_id","user_id","key");
