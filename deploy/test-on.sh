#!/usr/bin/env bash
# Runs the fast tests on another Python: deploy/test-on.sh 3.13
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
uv=$(command -v uv || echo "$PWD/.tools/bin/uv")
folder=.venv-$version
root=${PYENV_ROOT:-$HOME/.pyenv}
python=$(ls -d "$root/versions/$version".*/bin/python 2>/dev/null | tail -n 1 || true)
[ -x "$folder/bin/python" ] || "$uv" venv --quiet --python "${python:-$version}" "$folder"
"$uv" pip sync --quiet --require-hashes --python "$folder/bin/python" requirements.lock
"$uv" pip install --quiet --no-deps --python "$folder/bin/python" --editable .
exec "$folder/bin/python" -m pytest -n 2 --dist loadfile -m "not slow"
