-- Makes FastVue's roles and an empty database, by a superuser of PostgreSQL, once. What is there already stays as it is,
-- except for the password. compose.yaml runs it by itself; elsewhere, and before a restore:
--
--   DATABASE_PASSWORD=$(openssl rand -hex 24) psql -X -f deploy/postgres-init.sql postgres
--
-- Roles belong to the whole server and are in no dump of a database. Other names: -v owner=shop -v name=shop.
\set ON_ERROR_STOP on
\getenv password DATABASE_PASSWORD
\if :{?password} \else \set password '' \endif
SELECT length(:'password') < 16 AS short \gset
\if :short
  DO $$ BEGIN RAISE 'DATABASE_PASSWORD is not set, or has less than 16 characters'; END $$;
\endif
\if :{?owner} \else \set owner fastvue \endif
\if :{?name} \else \set name fastvue \endif

-- Who connects: owns the database, and is held by row-level security as the roles of requests are.
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'owner') \gexec
ALTER ROLE :"owner" PASSWORD :'password';

-- Whose rights requests and trusted work have (docs/isolation.md). Made here, `migrate` need make none.
SELECT format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', role) FROM unnest(ARRAY['fastvue_app', 'fastvue_system']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
GRANT fastvue_app, fastvue_system TO :"owner";

SELECT format('CREATE DATABASE %I OWNER %I ENCODING UTF8 TEMPLATE template0', :'name', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
-- PostgreSQL lets every role of the server connect.
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
