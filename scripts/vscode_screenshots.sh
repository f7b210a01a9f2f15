#!/usr/bin/env bash
# Takes the pictures of the extension's README anew, from a real VS Code in which the tests are run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TOKENWARD_SCREENSHOTS=$PWD/client-vscode/images .venv/bin/python -m pytest -q tests/vscode "$@"
