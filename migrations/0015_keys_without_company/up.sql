-- Keep replies of who works in no company
DROP INDEX "idempotency_keys_company_id_user_id_key_key";
ALTER TABLE "idempotency_keys" ALTER COLUMN "company_id" DROP NOT NULL;
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_company_id_user_id_key_key" UNIQUE NULLS NOT DISTINCT("company_id","user_id","key");
