#!/usr/bin/env bash
# Writes both lock files anew: hashes, and no address of a registry, so that any mirror serves them.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(realpath "${UV:-.tools/bin/uv}")
options=(--universal --generate-hashes --no-annotate --no-header --quiet)
"$uv" pip compile pyproject.toml --group dev --python-version 3.11 "${options[@]}" -o requirements.lock "$@"
# From its own folder, because uv reads the override of TensorFlow's GPU build from there.
cd nlu && "$uv" pip compile pyproject.toml --python-version 3.10 "${options[@]}" -o requirements.lock "$@"
