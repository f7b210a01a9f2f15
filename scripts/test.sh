#!/usr/bin/env bash
# Runs every check and test, with pytest last; continues after a failure, and fails if anything failed.
# Takes further options of pytest.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

DETACHED='
import os, sys
from tokenward.custody.callers.callers import caller
sys.exit(not caller(os.getpid()).is_detached)
'

main() {
  failed=''
  part 'ruff check' .venv/bin/python -m ruff check
  part 'ruff format' .venv/bin/python -m ruff format --check
  part 'mypy' .venv/bin/python -m mypy
  part 'mypy of the tests' .venv/bin/python -m mypy --config-file tests/mypy.ini
  part 'import contract' .venv/bin/lint-imports
  part 'workflows' .venv/bin/zizmor --offline --no-progress .github
  client
  # To the tests' commands, a job that outlived its shell looks like a program that hides what started it.
  whole=()
  if .venv/bin/python -c "$DETACHED"; then
    whole=(unshare --map-root-user --pid --fork --kill-child --mount-proc --)
  fi
  # Tests that mostly wait for a browser run in parallel with the rest.
  vscode_shown=$(mktemp)
  vscode </dev/null >"$vscode_shown" 2>&1 &
  vscode_job=$!
  # No test needs this long; the limit ends one that hangs.
  part 'pytest' "${whole[@]}" .venv/bin/python -m pytest --timeout=300 -n auto --dist worksteal --ignore=tests/vscode "$@"
  part 'VS Code' wait "$vscode_job"
  cat "$vscode_shown"
  rm -f "$vscode_shown"
  if [[ -n $failed ]]; then
    printf '\nmake test: failed: %s\n' "${failed#, }"
    exit 1
  fi
}

part() {
  printf '\n== %s\n' "$1"
  "${@:2}" </dev/null 2>&1 || failed+=", $1"
}

# The built extension with its server, if there is one.
vscode() {
  local built=(dist/tokenward-linux-x64-*.vsix)
  if [[ -e ${built[0]} ]]; then
    export TOKENWARD_VSIX=${built[0]}
  fi
  "${whole[@]}" .venv/bin/python -m pytest --timeout=300 tests/vscode
}

client() {
  # Set-up created it, or has reported why it could not.
  if [[ ! -e client-vscode/node_modules/.stamp ]]; then
    printf '\n== client: skipped\n'
    return
  fi
  local script
  for script in lint typecheck test build; do
    part "client $script" npm --prefix client-vscode --silent run "$script"
  done
  part 'client vsix' .venv/bin/python scripts/build_vsix.py
}

main "$@"
