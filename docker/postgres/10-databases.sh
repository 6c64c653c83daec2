#!/bin/sh
# Run by the PostgreSQL image when its data folder is new: two databases, one owner each.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
    -v ledger_password="$LEDGER_PASSWORD" -v airflow_password="$AIRFLOW_PASSWORD" <<'SQL'
CREATE ROLE ledger LOGIN PASSWORD :'ledger_password';
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE ledger OWNER ledger;
CREATE DATABASE airflow OWNER airflow;
SQL
