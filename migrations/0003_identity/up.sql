-- Identity
CREATE TABLE "api_keys" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "api_keys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "user_id" bigint NOT NULL,
  "company_id" bigint NOT NULL,
  "name" varchar(100) NOT NULL,
  "key_hash" varchar(64) NOT NULL CONSTRAINT "api_keys_key_hash_key" UNIQUE,
  "permissions" jsonb NOT NULL,
  "expires_at" timestamp(3) with time zone,
  "last_used_at" timestamp(3) with time zone
);
CREATE TABLE "backup_codes" (
  "user_id" bigint,
  "code_hash" varchar(64),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "backup_codes_pkey" PRIMARY KEY("user_id","code_hash")
);
CREATE TABLE "oauth_accounts" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "oauth_accounts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "user_id" bigint NOT NULL,
  "provider" varchar(50) NOT NULL,
  "subject" varchar(255) NOT NULL,
  "email" varchar(255) NOT NULL,
  CONSTRAINT "oauth_accounts_provider_subject_key" UNIQUE("provider","subject")
);
CREATE TABLE "one_time_tokens" (
  "token_hash" varchar(64) PRIMARY KEY,
  "purpose" varchar(30) NOT NULL,
  "user_id" bigint,
  "data" jsonb DEFAULT '{}' NOT NULL,
  "expires_at" timestamp(3) with time zone NOT NULL
);
CREATE TABLE "passkeys" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "passkeys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "user_id" bigint NOT NULL,
  "name" varchar(100) NOT NULL,
  "credential_id" varchar(1400) NOT NULL CONSTRAINT "passkeys_credential_id_key" UNIQUE,
  "public_key" text NOT NULL,
  "counter" bigint NOT NULL,
  "transports" jsonb DEFAULT '[]' NOT NULL,
  "last_used_at" timestamp(3) with time zone
);
CREATE TABLE "totp_secrets" (
  "user_id" bigint PRIMARY KEY,
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "secret" text NOT NULL,
  "enabled_at" timestamp(3) with time zone,
  "last_step" bigint DEFAULT 0 NOT NULL
);
ALTER TABLE "companies" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "companies" FORCE ROW LEVEL SECURITY;
ALTER TABLE "group_permissions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "group_permissions" FORCE ROW LEVEL SECURITY;
ALTER TABLE "groups" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "groups" FORCE ROW LEVEL SECURITY;
ALTER TABLE "permissions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "permissions" FORCE ROW LEVEL SECURITY;
ALTER TABLE "role_permissions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "role_permissions" FORCE ROW LEVEL SECURITY;
ALTER TABLE "roles" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "roles" FORCE ROW LEVEL SECURITY;
ALTER TABLE "user_company_roles" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "user_company_roles" FORCE ROW LEVEL SECURITY;
ALTER TABLE "user_groups" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "user_groups" FORCE ROW LEVEL SECURITY;
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "users" FORCE ROW LEVEL SECURITY;
ALTER TABLE "users" ADD COLUMN "is_deleted" boolean DEFAULT false NOT NULL;
ALTER TABLE "users" ADD COLUMN "deleted_at" timestamp(3) with time zone;
ALTER TABLE "users" ADD COLUMN "password_changed_at" timestamp(3) with time zone;
ALTER TABLE "users" ADD COLUMN "owns_email" boolean DEFAULT true NOT NULL;
ALTER TABLE "users" ADD COLUMN "owns_username" boolean DEFAULT true NOT NULL;
ALTER TABLE "users" ADD COLUMN "failed_login_attempts" integer DEFAULT 0 NOT NULL;
ALTER TABLE "users" ADD COLUMN "locked_until" timestamp(3) with time zone;
DROP INDEX "users_email_key";
CREATE UNIQUE INDEX "users_email_key" ON "users" (lower("email")) WHERE owns_email;
DROP INDEX "users_username_key";
CREATE UNIQUE INDEX "users_username_key" ON "users" (lower("username")) WHERE owns_username;
CREATE INDEX "api_keys_user_id_idx" ON "api_keys" ("user_id");
CREATE UNIQUE INDEX "groups_company_id_id_key" ON "groups" ("company_id","id");
CREATE INDEX "oauth_accounts_user_id_idx" ON "oauth_accounts" ("user_id");
CREATE INDEX "one_time_tokens_user_id_idx" ON "one_time_tokens" ("user_id");
CREATE INDEX "one_time_tokens_expires_at_idx" ON "one_time_tokens" ("expires_at");
CREATE INDEX "passkeys_user_id_idx" ON "passkeys" ("user_id");
CREATE UNIQUE INDEX "user_company_roles_company_id_id_key" ON "user_company_roles" ("company_id","id");
CREATE INDEX "users_email_idx" ON "users" (lower("email"));
CREATE INDEX "users_username_idx" ON "users" (lower("username"));
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "backup_codes" ADD CONSTRAINT "backup_codes_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "oauth_accounts" ADD CONSTRAINT "oauth_accounts_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "totp_secrets" ADD CONSTRAINT "totp_secrets_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
CREATE POLICY "companies_read" ON "companies" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "companies_system" ON "companies" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "group_permissions_read" ON "group_permissions" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (group_id in (select id from groups));
CREATE POLICY "group_permissions_write" ON "group_permissions" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (group_id in (select id from groups)) WITH CHECK (group_id in (select id from groups));
CREATE POLICY "group_permissions_system" ON "group_permissions" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "groups_company" ON "groups" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "groups_system" ON "groups" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "permissions_read" ON "permissions" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (true);
CREATE POLICY "permissions_system" ON "permissions" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "role_permissions_read" ON "role_permissions" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (role_id in (select id from roles));
CREATE POLICY "role_permissions_write" ON "role_permissions" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (role_id in (select id from roles where company_id = (select nullif(current_setting('app.company_id', true), '')::bigint) and not is_system_role)) WITH CHECK (role_id in (select id from roles where company_id = (select nullif(current_setting('app.company_id', true), '')::bigint) and not is_system_role));
CREATE POLICY "role_permissions_system" ON "role_permissions" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "roles_read" ON "roles" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (company_id is null or company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "roles_write" ON "roles" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint) and not is_system_role) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint) and not is_system_role);
CREATE POLICY "roles_system" ON "roles" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "user_company_roles_company" ON "user_company_roles" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "user_company_roles_system" ON "user_company_roles" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "user_groups_read" ON "user_groups" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (group_id in (select id from groups));
CREATE POLICY "user_groups_write" ON "user_groups" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (group_id in (select id from groups)) WITH CHECK (group_id in (select id from groups));
CREATE POLICY "user_groups_system" ON "user_groups" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "users_read" ON "users" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (id in (select user_id from user_company_roles));
CREATE POLICY "users_system" ON "users" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "api_keys" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "backup_codes" TO fastvue_system;
GRANT SELECT ON "companies" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "group_permissions" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "groups" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "oauth_accounts" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "one_time_tokens" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "passkeys" TO fastvue_system;
GRANT SELECT ON "permissions" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "role_permissions" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "roles" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "totp_secrets" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "user_company_roles" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "user_groups" TO fastvue_app;
-- By hand: requests read the columns of `userProfiles`, never a password's hash.
GRANT SELECT ("id", "created_at", "updated_at", "is_deleted", "deleted_at", "is_active", "email", "username", "full_name", "is_superuser", "is_verified", "current_company_id", "avatar_url", "bio", "phone", "location", "website", "timezone", "language", "last_login_at") ON "users" TO fastvue_app;
