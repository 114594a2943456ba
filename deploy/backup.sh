#!/usr/bin/env bash
# Copies an install into a folder while it runs: deploy/backup.sh FOLDER
# The copy holds clients' words and the secret key: keep it as safe as the original.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "backup: give the folder to write to" >&2; exit 2; }
umask 077
# The product's own settings, so that `.env` counts here too.
settings=$(.venv/bin/python -c 'from bot.settings import load_settings as load; s = load(); print(s.state_dir, s.database_url, sep="\n")')
{ read -r state; read -r url; } <<<"$settings"
case "$url" in
  sqlite:///*) [ -f "${url#sqlite:///}" ] || { echo "backup: there is no database ${url#sqlite:///}" >&2; exit 1; } ;;
esac
target=$1/foothold-$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$target"
case "$url" in
  sqlite:///*)
    # SQLite's own backup: right even while others write. A plain copy of the file is not.
    .venv/bin/python - "${url#sqlite:///}" "$target/foothold.db" <<'PY'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as source, sqlite3.connect(sys.argv[2]) as copy:
    source.backup(copy)
    found = copy.execute("PRAGMA integrity_check").fetchone()[0]
sys.exit(None if found == "ok" else f"backup: the copy is damaged: {found}")
PY
    ;;
  postgresql*) pg_dump --format=custom --file="$target/foothold.dump" "${url/+psycopg/}" ;;
  *) echo "backup: unknown database" >&2; exit 2 ;;
esac
if [ -f "$state/secret_key" ]; then cp -p "$state/secret_key" "$target/"; fi
if [ -d "$state/models" ]; then cp -pR "$state/models" "$target/"; fi
# One that is erased at this moment may be missing in the copy, as it should be.
if [ -d "$state/files" ]; then cp -pR "$state/files" "$target/" || echo "backup: a file was erased meanwhile" >&2; fi
echo "$target"
