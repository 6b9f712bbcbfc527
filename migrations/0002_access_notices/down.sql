-- Their triggers go with them.
DROP FUNCTION notify_access_of_user() CASCADE;
DROP FUNCTION notify_access_of_all() CASCADE;
