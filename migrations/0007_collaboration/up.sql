-- Followers, reactions, inbox and live events
CREATE TABLE "events" (
  "id" bigint PRIMARY KEY DEFAULT -new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "type" varchar(40) NOT NULL,
  "data" jsonb NOT NULL,
  "user_id" bigint,
  "model_name" varchar(100),
  "record_id" bigint,
  "is_internal" boolean DEFAULT false NOT NULL
);
ALTER TABLE "events" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "events" FORCE ROW LEVEL SECURITY;
CREATE TABLE "inbox_counters" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "company_id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "item_type" varchar(20) NOT NULL,
  "model_name" varchar(100) NOT NULL,
  "is_internal" boolean NOT NULL,
  "unread" integer DEFAULT 0 NOT NULL
);
ALTER TABLE "inbox_counters" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "inbox_counters" FORCE ROW LEVEL SECURITY;
CREATE TABLE "inbox_items" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "item_type" varchar(20) NOT NULL,
  "priority" varchar(10) DEFAULT 'normal' NOT NULL,
  "title" varchar(255) NOT NULL,
  "preview" text,
  "sender_id" bigint,
  "message_id" bigint,
  "notification_id" bigint,
  "model_name" varchar(100),
  "record_id" bigint,
  "is_internal" boolean DEFAULT false NOT NULL,
  "is_read" boolean DEFAULT false NOT NULL,
  "read_at" timestamp(3) with time zone,
  "is_archived" boolean DEFAULT false NOT NULL,
  "is_starred" boolean DEFAULT false NOT NULL
);
ALTER TABLE "inbox_items" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "inbox_items" FORCE ROW LEVEL SECURITY;
CREATE TABLE "message_followers" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "model_name" varchar(100) NOT NULL,
  "record_id" bigint NOT NULL,
  "user_id" bigint NOT NULL
);
ALTER TABLE "message_followers" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "message_followers" FORCE ROW LEVEL SECURITY;
CREATE TABLE "message_mentions" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "message_id" bigint NOT NULL,
  "user_id" bigint NOT NULL
);
ALTER TABLE "message_mentions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "message_mentions" FORCE ROW LEVEL SECURITY;
CREATE TABLE "message_reactions" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "message_id" bigint NOT NULL,
  "user_id" bigint NOT NULL,
  "emoji" varchar(64) NOT NULL
);
ALTER TABLE "message_reactions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "message_reactions" FORCE ROW LEVEL SECURITY;
CREATE TABLE "message_reads" (
  "id" bigint PRIMARY KEY DEFAULT new_id(),
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "company_id" bigint NOT NULL,
  "message_id" bigint NOT NULL,
  "user_id" bigint NOT NULL
);
ALTER TABLE "message_reads" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "message_reads" FORCE ROW LEVEL SECURITY;
CREATE TABLE "notification_preferences" (
  "user_id" bigint PRIMARY KEY,
  "created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "updated_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
  "channels" jsonb DEFAULT '{}' NOT NULL,
  "dnd_enabled" boolean DEFAULT false NOT NULL,
  "dnd_start" time(0) DEFAULT '22:00' NOT NULL,
  "dnd_end" time(0) DEFAULT '07:00' NOT NULL,
  "time_zone" varchar(64) DEFAULT 'UTC' NOT NULL,
  "digest" varchar(10) DEFAULT 'none' NOT NULL,
  "digested_at" timestamp(3) with time zone
);
CREATE INDEX "events_company_id_id_idx" ON "events" ("company_id","id");
CREATE INDEX "events_created_at_idx" ON "events" ("created_at");
CREATE INDEX "events_user_id_idx" ON "events" ("user_id");
CREATE UNIQUE INDEX "inbox_counters_company_id_id_key" ON "inbox_counters" ("company_id","id");
CREATE UNIQUE INDEX "inbox_counters_owner_and_kind_key" ON "inbox_counters" ("company_id","user_id","item_type","model_name","is_internal");
CREATE INDEX "inbox_counters_user_id_idx" ON "inbox_counters" ("user_id");
CREATE UNIQUE INDEX "inbox_items_company_id_id_key" ON "inbox_items" ("company_id","id");
CREATE INDEX "inbox_items_company_id_user_id_id_idx" ON "inbox_items" ("company_id","user_id","id");
CREATE INDEX "inbox_items_company_id_message_id_idx" ON "inbox_items" ("company_id","message_id");
CREATE INDEX "inbox_items_company_id_notification_id_idx" ON "inbox_items" ("company_id","notification_id");
CREATE INDEX "inbox_items_user_id_idx" ON "inbox_items" ("user_id");
CREATE INDEX "inbox_items_sender_id_idx" ON "inbox_items" ("sender_id");
CREATE UNIQUE INDEX "message_followers_company_id_id_key" ON "message_followers" ("company_id","id");
CREATE UNIQUE INDEX "message_followers_company_id_model_name_record_id_user_id_key" ON "message_followers" ("company_id","model_name","record_id","user_id");
CREATE INDEX "message_followers_user_id_idx" ON "message_followers" ("user_id");
CREATE UNIQUE INDEX "message_mentions_company_id_id_key" ON "message_mentions" ("company_id","id");
CREATE UNIQUE INDEX "message_mentions_company_id_message_id_user_id_key" ON "message_mentions" ("company_id","message_id","user_id");
CREATE INDEX "message_mentions_user_id_idx" ON "message_mentions" ("user_id");
CREATE UNIQUE INDEX "message_reactions_company_id_id_key" ON "message_reactions" ("company_id","id");
CREATE UNIQUE INDEX "message_reactions_company_id_message_id_user_id_emoji_key" ON "message_reactions" ("company_id","message_id","user_id","emoji");
CREATE INDEX "message_reactions_user_id_idx" ON "message_reactions" ("user_id");
CREATE UNIQUE INDEX "message_reads_company_id_id_key" ON "message_reads" ("company_id","id");
CREATE UNIQUE INDEX "message_reads_company_id_message_id_user_id_key" ON "message_reads" ("company_id","message_id","user_id");
CREATE INDEX "message_reads_user_id_idx" ON "message_reads" ("user_id");
ALTER TABLE "events" ADD CONSTRAINT "events_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "events" ADD CONSTRAINT "events_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "inbox_counters" ADD CONSTRAINT "inbox_counters_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "inbox_counters" ADD CONSTRAINT "inbox_counters_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_sender_id_users_id_fkey" FOREIGN KEY ("sender_id") REFERENCES "users"("id") ON DELETE SET NULL;
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_company_id_message_id_fkey" FOREIGN KEY ("company_id","message_id") REFERENCES "messages"("company_id","id") ON DELETE CASCADE;
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_company_id_notification_id_fkey" FOREIGN KEY ("company_id","notification_id") REFERENCES "notifications"("company_id","id") ON DELETE CASCADE;
ALTER TABLE "message_followers" ADD CONSTRAINT "message_followers_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "message_followers" ADD CONSTRAINT "message_followers_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "message_mentions" ADD CONSTRAINT "message_mentions_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "message_mentions" ADD CONSTRAINT "message_mentions_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "message_mentions" ADD CONSTRAINT "message_mentions_company_id_message_id_fkey" FOREIGN KEY ("company_id","message_id") REFERENCES "messages"("company_id","id") ON DELETE CASCADE;
ALTER TABLE "message_reactions" ADD CONSTRAINT "message_reactions_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "message_reactions" ADD CONSTRAINT "message_reactions_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "message_reactions" ADD CONSTRAINT "message_reactions_company_id_message_id_fkey" FOREIGN KEY ("company_id","message_id") REFERENCES "messages"("company_id","id") ON DELETE CASCADE;
ALTER TABLE "message_reads" ADD CONSTRAINT "message_reads_company_id_companies_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE;
ALTER TABLE "message_reads" ADD CONSTRAINT "message_reads_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
ALTER TABLE "message_reads" ADD CONSTRAINT "message_reads_company_id_message_id_fkey" FOREIGN KEY ("company_id","message_id") REFERENCES "messages"("company_id","id") ON DELETE CASCADE;
ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_user_id_users_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE;
CREATE POLICY "events_read" ON "events" AS PERMISSIVE FOR SELECT TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "events_add" ON "events" AS PERMISSIVE FOR INSERT TO "fastvue_app" WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "events_system" ON "events" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "inbox_counters_company" ON "inbox_counters" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "inbox_counters_system" ON "inbox_counters" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "inbox_items_company" ON "inbox_items" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "inbox_items_system" ON "inbox_items" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "message_followers_company" ON "message_followers" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "message_followers_system" ON "message_followers" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "message_mentions_company" ON "message_mentions" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "message_mentions_system" ON "message_mentions" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "message_reactions_company" ON "message_reactions" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "message_reactions_system" ON "message_reactions" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
CREATE POLICY "message_reads_company" ON "message_reads" AS PERMISSIVE FOR ALL TO "fastvue_app" USING (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint)) WITH CHECK (company_id = (select nullif(current_setting('app.company_id', true), '')::bigint));
CREATE POLICY "message_reads_system" ON "message_reads" AS PERMISSIVE FOR ALL TO "fastvue_system" USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "events" TO fastvue_system;
GRANT SELECT, INSERT ON "events" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "inbox_counters" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "inbox_counters" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "inbox_items" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "inbox_items" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_followers" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_followers" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_mentions" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_mentions" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_reactions" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_reactions" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_reads" TO fastvue_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON "message_reads" TO fastvue_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON "notification_preferences" TO fastvue_system;

-- What a user has not read, counted by the statement that changes it. Rows in one order, so that two statements never wait
-- for each other; a counter may be gone with its user before the items are.
CREATE FUNCTION count_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    PERFORM FROM inbox_counters c WHERE (company_id, user_id) IN (SELECT company_id, user_id FROM before)
      ORDER BY company_id, user_id, id FOR UPDATE;
    UPDATE inbox_counters c SET unread = unread - gone.n FROM (
      SELECT company_id, user_id, item_type, coalesce(model_name, '') AS model_name, is_internal, count(*) AS n
      FROM before WHERE NOT is_read AND NOT is_archived GROUP BY 1, 2, 3, 4, 5
    ) gone
    WHERE (c.company_id, c.user_id, c.item_type, c.model_name, c.is_internal)
      = (gone.company_id, gone.user_id, gone.item_type, gone.model_name, gone.is_internal);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO inbox_counters (company_id, user_id, item_type, model_name, is_internal, unread)
    SELECT company_id, user_id, item_type, coalesce(model_name, ''), is_internal, count(*)
    FROM after WHERE NOT is_read AND NOT is_archived GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (company_id, user_id, item_type, model_name, is_internal)
      DO UPDATE SET unread = inbox_counters.unread + excluded.unread;
    RETURN NULL;
  END IF;
  INSERT INTO inbox_counters (company_id, user_id, item_type, model_name, is_internal, unread)
  SELECT company_id, user_id, item_type, coalesce(model_name, ''), is_internal, sum(n)
  FROM (
    SELECT *, 1 AS n FROM after WHERE NOT is_read AND NOT is_archived
    UNION ALL
    SELECT *, -1 FROM before WHERE NOT is_read AND NOT is_archived
  ) changed
  GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (company_id, user_id, item_type, model_name, is_internal)
    DO UPDATE SET unread = inbox_counters.unread + excluded.unread;
  RETURN NULL;
END $$;
CREATE TRIGGER inbox_items_counted_insert AFTER INSERT ON "inbox_items"
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_inbox();
CREATE TRIGGER inbox_items_counted_update AFTER UPDATE ON "inbox_items"
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_inbox();
CREATE TRIGGER inbox_items_counted_delete AFTER DELETE ON "inbox_items"
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION count_inbox();

-- Ids of events in the order in which their transactions become visible: given last, one transaction after the other. Who
-- has seen an id has seen all before it, so that a replay loses nothing. Until then they are negative.
CREATE FUNCTION announce_event() RETURNS trigger LANGUAGE plpgsql SET role = 'fastvue_system' AS $$
DECLARE
  final bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('fastvue_events'));
  SELECT greatest(new_id(), coalesce(max(id), 0) + 1) INTO final FROM events WHERE id > 0;
  UPDATE events SET id = final WHERE id = NEW.id;
  PERFORM pg_notify('fastvue_events', final::text);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER events_announced AFTER INSERT ON "events"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION announce_event();
