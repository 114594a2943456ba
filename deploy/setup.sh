#!/usr/bin/env bash
# Installs what is missing, and nothing that is there: uv, both environments, a browser for the tests, a first model.
# What it cannot install it says in one line, with the cure.
set -euo pipefail
cd "$(dirname "$0")/.."

want_browser=1
want_model=1
for argument in "$@"; do
  case "$argument" in
    --no-browser) want_browser=0 ;;
    --no-model) want_model=0 ;;
    *) echo "setup: unknown argument $argument: give --no-browser or --no-model" >&2; exit 2 ;;
  esac
done

say() { printf 'setup: %s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }

# --- uv ----------------------------------------------------------------------------------------
if command -v uv >/dev/null 2>&1; then
  uv=$(command -v uv)
elif [ -x .tools/bin/uv ]; then
  uv=$PWD/.tools/bin/uv
else
  command -v python3 >/dev/null 2>&1 || give_up "Python is missing. Install Python 3.11 or newer, then run this again."
  say "installing uv into .tools"
  python3 -m venv .tools || give_up "python3 cannot make environments. Install python3-venv, then run this again."
  .tools/bin/python -m pip install --quiet --disable-pip-version-check uv \
    || give_up "uv could not be installed. Install it yourself (astral.sh/uv), then run this again."
  uv=$PWD/.tools/bin/uv
fi

# --- Pythons -----------------------------------------------------------------------------------
# Prints an interpreter of this version: one that uv finds, one that pyenv keeps, or the version for uv to fetch.
python_of() {
  local version=$1 found candidate root
  for root in "${PYENV_ROOT:-}" "$(pyenv root 2>/dev/null || true)" "$HOME/.pyenv"; do
    [ -n "$root" ] || continue
    for candidate in "$root/versions/$version".*/bin/python; do
      if [ -x "$candidate" ] && "$candidate" -c 'import ssl, sqlite3' 2>/dev/null; then echo "$candidate"; return; fi
    done
  done
  found=$("$uv" python find --no-python-downloads "$version" 2>/dev/null || true)
  echo "${found:-$version}"
}

# Makes an environment hold exactly what a lock file names; does nothing when it does already.
environment() {
  local folder=$1 version=$2 lock=$3 stamp
  stamp=$(sha256sum "$lock" | cut -d' ' -f1)
  if [ -x "$folder/bin/python" ] && [ "$(cat "$folder/lock.sha256" 2>/dev/null)" = "$stamp" ]; then return; fi
  if ! [ -x "$folder/bin/python" ]; then
    "$uv" venv --quiet --python "$(python_of "$version")" "$folder" \
      || give_up "Python $version could not be found or fetched. Install it, then run this again."
  fi
  say "installing $folder from $lock"
  "$uv" pip sync --quiet --require-hashes --python "$folder/bin/python" "$lock" \
    || give_up "the packages of $lock could not be installed. Check the network or your mirror, then run this again."
  if [ "$folder" = .venv ]; then
    "$uv" pip install --quiet --no-deps --python .venv/bin/python --editable . \
      || give_up "the foothold command could not be installed. Run: $uv pip install --no-deps -e ."
  fi
  echo "$stamp" >"$folder/lock.sha256"
}

environment .venv "${FOOTHOLD_PYTHON:-3.11}" requirements.lock
environment .venv-dialogue 3.10 nlu/requirements.lock

# --- A browser for the tests -------------------------------------------------------------------
has_browser() {
  command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 \
    || command -v google-chrome >/dev/null 2>&1 || ls "$HOME"/.cache/ms-playwright/chromium-*/ >/dev/null 2>&1
}
if [ "$want_browser" = 1 ] && ! has_browser; then
  say "installing Chromium for the browser tests"
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core; } >/dev/null 2>&1 || true
  else
    .venv/bin/python -m playwright install chromium >/dev/null 2>&1 || true
  fi
  has_browser || say "no browser: the browser tests cannot run. Cure: apt-get install chromium"
fi

# --- A first model -----------------------------------------------------------------------------
if [ "$want_model" = 1 ]; then
  if ! .venv/bin/foothold models --live >/dev/null 2>&1; then
    say "training the assistant (about a minute)"
    .venv/bin/foothold train --promote >&2 || give_up "the training failed: the lines above say why."
  fi
fi
