#!/bin/sh
# Run once by the postgres image, when the database is new: the role that serves, and owns nothing (docs/adr/0045).
set -eu
psql --set ON_ERROR_STOP=1 --set password="$SERVING_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE tenfold_serving LOGIN PASSWORD :'password';
SQL
