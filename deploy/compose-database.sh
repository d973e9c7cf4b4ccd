#!/bin/sh
# The role and the database of docs/deploy.md, step 1; PostgreSQL's image runs this on its first start.
set -eu
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --set=password="$PORTAL_PASSWORD" --username=postgres <<'SQL'
CREATE ROLE portal LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE getinn OWNER portal ENCODING 'UTF8';
ALTER DATABASE getinn SET timezone = 'UTC';
\connect getinn
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
SQL
