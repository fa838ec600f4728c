#!/bin/sh
# PostgreSQL's archive_command: archive-wal.sh %p /archive/%f
# Success means: the segment is in the archive, whole and on disk. PostgreSQL keeps it until then.
set -eu
segment=$1
target=$2
if test -f "$target"; then
    # PostgreSQL may ask twice after a crash; another segment of that name is never overwritten.
    cmp -s "$segment" "$target"
    exit
fi
cp "$segment" "$target.partial"
sync "$target.partial"
mv "$target.partial" "$target"
