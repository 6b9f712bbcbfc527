DROP TRIGGER activity_insert ON "products";
DROP TRIGGER activity_update ON "products";
DROP TRIGGER activity_delete ON "products";
DROP FUNCTION record_activity();
DROP FUNCTION display_name(jsonb);
DROP FUNCTION mask_secrets(jsonb);
DROP FUNCTION mask_each_secret(jsonb, integer);
DROP FUNCTION names_secret(text);
