#!/bin/sh
# Runs once, when PostgreSQL's volume is empty. The same roles as those of the embedded default.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set owner="$DATABASE_OWNER_PASSWORD" --set login="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE scorecard_app NOLOGIN;
CREATE ROLE scorecard_owner LOGIN CREATEROLE CREATEDB PASSWORD :'owner';
CREATE ROLE scorecard_login LOGIN PASSWORD :'login';
GRANT scorecard_app TO scorecard_owner WITH ADMIN OPTION;
GRANT scorecard_app TO scorecard_login;
CREATE DATABASE scorecard OWNER scorecard_owner;
SQL
