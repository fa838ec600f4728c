#!/bin/sh
# Restores a dump into an empty database.
set -eu
pg_restore --dbname="$1" --exit-on-error "$2"
