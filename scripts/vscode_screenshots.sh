#!/usr/bin/env bash
# Retakes the pictures of the extension's README by running the tests in a real VS Code.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TOKENWARD_SCREENSHOTS=$PWD/client-vscode/images .venv/bin/python -m pytest -q tests/vscode "$@"
