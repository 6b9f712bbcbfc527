CREATE TABLE "companies" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "companies_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "name" varchar(255) NOT NULL,
  "code" varchar(50) NOT NULL,
  "description" text,
  "parent_company_id" bigint,
  "is_headquarters" boolean DEFAULT false NOT NULL,
  "address" varchar(500),
  "city" varchar(100),
  "state" varchar(100),
  "country" varchar(100),
  "zip_code" varchar(20),
  "phone" varchar(50),
  "email" varchar(255),
  "website" varchar(255),
  "tax_id" varchar(50),
  "registration_number" varchar(100),
  "timezone" varchar(50) DEFAULT 'UTC' NOT NULL,
  "currency" varchar(10) DEFAULT 'USD' NOT NULL
);
CREATE TABLE "group_permissions" (
  "group_id" bigint,
  "permission_id" bigint,
  CONSTRAINT "group_permissions_pkey" PRIMARY KEY("group_id","permission_id")
);
CREATE TABLE "groups" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "groups_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "name" varchar(100) NOT NULL,
  "codename" varchar(100) NOT NULL,
  "description" text,
  "company_id" bigint NOT NULL,
  "is_system_group" boolean DEFAULT false NOT NULL,
  CONSTRAINT "groups_company_id_codename_key" UNIQUE("company_id","codename"),
  CONSTRAINT "groups_company_id_name_key" UNIQUE("company_id","name")
);
CREATE TABLE "idempotency_keys" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "idempotency_keys_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "key" varchar(255) NOT NULL,
  "request_hash" varchar(64) NOT NULL,
  "status" integer,
  "location" text,
  "body" text
);
ALTER TABLE "idempotency_keys" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "idempotency_keys" FORCE ROW LEVEL SECURITY;
CREATE TABLE "permissions" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "permissions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "name" varchar(100) NOT NULL CONSTRAINT "permissions_name_key" UNIQUE,
  "description" text,
  "resource" varchar(100) NOT NULL,
  "action" varchar(50) NOT NULL
);
CREATE TABLE "products" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "products_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "created_by" bigint,
  "updated_by" bigint,
  "is_deleted" boolean DEFAULT false NOT NULL,
  "deleted_at" timestamp(3) with time zone,
  "is_active" boolean DEFAULT true NOT NULL,
  "company_id" bigint NOT NULL,
  "version" integer DEFAULT 1 NOT NULL,
  "metadata" jsonb DEFAULT '{}' NOT NULL,
  "url" varchar(2000),
  "url_label" varchar(255),
  "name" varchar(255) NOT NULL,
  "sku" varchar(50) NOT NULL,
  "price" numeric(10,2) NOT NULL,
  "description" text
);
ALTER TABLE "products" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "products" FORCE ROW LEVEL SECURITY;
CREATE TABLE "role_permissions" (
  "role_id" bigint,
  "permission_id" bigint,
  CONSTRAINT "role_permissions_pkey" PRIMARY KEY("role_id","permission_id")
);
CREATE TABLE "roles" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "roles_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "name" varchar(100) NOT NULL,
  "codename" varchar(100) NOT NULL,
  "description" text,
  "company_id" bigint,
  "is_system_role" boolean DEFAULT false NOT NULL,
  CONSTRAINT "roles_company_id_codename_key" UNIQUE NULLS NOT DISTINCT("company_id","codename"),
  CONSTRAINT "roles_company_id_name_key" UNIQUE NULLS NOT DISTINCT("company_id","name")
);
CREATE TABLE "sessions" (
  "id" uuid PRIMARY KEY,
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "user_id" bigint NOT NULL,
  "company_id" bigint,
  "refresh_hash" varchar(64) NOT NULL,
  "expires_at" timestamp(3) with time zone NOT NULL,
  "revoked_at" timestamp(3) with time zone,
  "ip_address" varchar(45),
  "user_agent" varchar(500)
);
CREATE TABLE "user_company_roles" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "user_company_roles_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "user_id" bigint NOT NULL,
  "company_id" bigint NOT NULL,
  "role_id" bigint NOT NULL,
  "is_default" boolean DEFAULT false NOT NULL,
  CONSTRAINT "user_company_roles_user_id_company_id_role_id_key" UNIQUE("user_id","company_id","role_id")
);
CREATE TABLE "user_groups" (
  "user_id" bigint,
  "group_id" bigint,
  CONSTRAINT "user_groups_pkey" PRIMARY KEY("user_id","group_id")
);
CREATE TABLE "users" (
  "id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "users_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "is_active" boolean DEFAULT true NOT NULL,
  "email" varchar(255) NOT NULL,
  "username" varchar(100) NOT NULL,
  "full_name" varchar(255),
  "password_hash" varchar(255) NOT NULL,
  "is_superuser" boolean DEFAULT false NOT NULL,
  "is_verified" boolean DEFAULT false NOT NULL,
  "current_company_id" bigint,
  "avatar_url" varchar(500),
  "bio" text,
  "phone" varchar(50),
  "location" varchar(255),
  "website" varchar(500),
  "timezone" varchar(50) DEFAULT 'UTC' NOT NULL,
  "language" varchar(10) DEFAULT 'en' NOT NULL,
  "last_login_at" timestamp(3) with time zone
);
CREATE UNIQUE INDEX "companies_code_key" ON "companies" (lower("code"));
CREATE INDEX "group_permissions_permission_id_idx" ON "group_permissions" ("permission_id");
CREATE UNIQUE INDEX "idempotency_keys_company_id_id_key" ON "idempotency_keys" ("company_id","id");
CREATE UNIQUE INDEX "idempotency_keys_company_id_user_id_key_key" ON "idempotency_keys" ("company_id","user_id","key");
CREATE UNIQUE INDEX "products_company_id_id_key" ON "products" ("company_id","id");
CREATE UNIQUE INDEX "products_company_id_sku_key" ON "products" ("company_id","sku") WHERE not is_deleted;
CREATE INDEX "role_permissions_permission_id_idx" ON "role_permissions" ("permission_id");
CREATE INDEX "sessions_user_id_idx" ON "sessions" ("user_id");
CREATE INDEX "user_company_roles_company_id_idx" ON "user_company_roles" ("company_id");
CREATE INDEX "user_company_roles_role_id_idx" ON "user_company_roles" ("role_id");
CREATE INDEX "user_groups_group_id_idx" ON "user_groups" ("group_id");
CREATE UNIQUE INDEX "users_email_key" ON "users" (lower("email"));
CREATE UNIQUE INDEX "users_username_key" ON "users" (lower("username"));
ALTER TABLE "companies" ADD CONSTRAINT "companies_parent_company_id_companies_id_fkey" FOREIGN KEY ("parent_company_id") REFERENCES "companies"("id") ON DELETE SET NULL;
ALTER TABLE "group_permissions" ADD CONSTRAINT "group_permissions_group_id_groups_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE;
ALTER TABLE "group_permissions" ADD CONSTRAINT "group_permissions_permission_id_permissions_id_fkey" FOREIGN KEY ("permission_id") REFERENCES "permissions"("id") ON DELETE CASCADE;
ALTER TABLE "groups" ADD CONSTRAINT "groups_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "products" ADD CONSTRAINT "products_created_by_users_id_fkey" FOREIGN KEY ("created_by") REFERENCES "users"("id") ON DELETE SET NULL;
ALTER TABLE "products" ADD CONSTRAINT "products_updated_by_users_id_fkey" FOREIGN KEY ("updated_by") REFERENCES "users"("id") ON DELETE SET NULL;
ALTER TABLE "products" ADD CONSTRAINT "products_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "role_permissions" ADD CONSTRAINT "role_permissions_role_id_roles_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE CASCADE;
ALTER TABLE "role_permissions" ADD CONSTRAINT "role_permissions_permission_id_permissions_id_fkey" FOREIGN KEY ("permission_id") REFERENCES "permissions"("id") ON DELETE CASCADE;
ALTER TABLE "roles" ADD CONSTRAINT "roles_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE SET NULL;
ALTER TABLE "user_company_roles" ADD CONSTRAINT "user_company_roles_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "user_company_roles" ADD CONSTRAINT "user_company_roles_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "user_company_roles" ADD CONSTRAINT "user_company_roles_role_id_roles_id_fkey" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE CASCADE;
ALTER TABLE "user_groups" ADD CONSTRAINT "user_groups_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "user_groups" ADD CONSTRAINT "user_groups_group_id_groups_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE;
ALTER TABLE "users" ADD CONSTRAINT "users_current_company_id_companies_id_fkey" FOREIGN KEY ("current_company_id") REFERENCES "companies"("id") ON DELETE SET NULL;
CREATE POLICY "idempotency_keys_company" ON "idempotency_keys" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "idempotency_keys_system" ON "idempotency_keys" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "products_company" ON "products" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "products_system" ON "products" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "companies" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "group_permissions" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "groups" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_keys" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "idempotency_keys" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "permissions" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "products" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "products" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "role_permissions" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "roles" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "sessions" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "user_company_roles" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "user_groups" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "users" TO fastvue_system;
