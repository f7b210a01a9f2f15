#!/usr/bin/env bash
# Runs every check, and every test but those with real editors, agents, tools and a Windows, and the slow ones, which
# are run by `--real`.
# Continues after a failure, and fails if anything failed. Takes further options of pytest.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
# Containers often set it; then each of the many processes that tests start would compile its modules again.
unset PYTHONDONTWRITEBYTECODE
# A make that a test starts is not one of ours.
unset MAKEFLAGS MAKELEVEL MFLAGS

DETACHED='
import os, sys
from tokenward.custody.callers.callers import caller
sys.exit(not caller(os.getpid()).is_detached)
'

# What needs programs that set-up installs only with `--real`; then what kills a command at its steps or watches each of
# its processes, which takes minutes.
REAL=(tests/agents tests/credentials tests/custody/callers/test_detached.py tests/end_to_end/test_emacs.py
  tests/end_to_end/test_neovim.py tests/end_to_end/test_vim.py tests/test_editors.py tests/test_standalone.py
  tests/operations/test_killed{,_custody,_leave,_stores}.py tests/operations/transcripts/test_killed_redaction.py
  tests/end_to_end/test_{canary,connections}.py)
IN_PARTS=(tests/vscode tests/windows tests/test_vsix.py)

main() {
  failed='' jobs=()
  # To the tests' commands, a job that outlived its shell looks like a program that hides what started it, and a terminal
  # above them like a person's. A shell may end at any time, so no test sees it, nor its session, which a daemon has to
  # see. Pytest is not the first there: what has only that above it is detached as well.
  whole=(unshare --pid --fork --kill-child --mount-proc -- setsid bash -c '"$@"; exit' bash)
  if ! "${whole[@]}" true 2>/dev/null; then
    # In a user namespace, no test can become another user, so only where it has to be.
    whole=(unshare --map-root-user "${whole[@]:1}")
    .venv/bin/python -c "$DETACHED" || whole=()
  fi
  # Many tests mostly wait, for a process, a browser or Wine, so more run at once than there are cores.
  local several=(-n $((2 * $(nproc))) --dist worksteal)
  local rest=(tests "${REAL[@]/#/--ignore=}" "${IN_PARTS[@]/#/--ignore=}" "${several[@]}")
  if [[ ${1:-} == --real ]]; then
    aside extension
    part 'real programs' in_memory run_tests build/pytest-real "${REAL[@]}" "${several[@]}" "${@:2}"
    part 'slow tests' in_memory run_tests build/pytest-slow "${rest[@]}" -m slow "${@:2}"
  else
    aside checks
    part 'pytest' in_memory run_tests build/pytest "${rest[@]}" -m 'not slow' "$@"
  fi
  join
  if [[ -n $failed ]]; then
    printf '\nfailed: %s\n' "${failed#, }"
    exit 1
  fi
}

checks() {
  part 'ruff check' .venv/bin/python -m ruff check
  part 'ruff format' .venv/bin/python -m ruff format --check
  # All checkouts share its cache, which goes by digests; files survive a second run at once, a database may not.
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/tokenward-test/mypy
  part 'mypy' .venv/bin/python -m mypy --no-sqlite-cache --cache-dir "$cache"
  part 'import contract' .venv/bin/lint-imports
  part 'workflows' .venv/bin/zizmor --offline --no-progress .github
  local script
  for script in lint typecheck test; do
    client "client $script" npm --prefix client-vscode --silent run "$script"
  done
}

# Builds the extension, and tries it in an editor, which takes longest, beside its files and Windows.
extension() {
  # One for each system. Of other processors only the servers, which differ: packaging takes longest.
  client 'client vsix' in_memory .venv/bin/python scripts/build_vsix.py universal linux-x64 darwin-arm64 win32-x64 \
    --servers linux-arm64 darwin-x64 win32-arm64
  aside windows
  aside part 'packages' in_memory run_tests build/pytest-vsix tests/test_vsix.py
  part 'VS Code' vscode
  join
}

windows() {
  part 'Windows under Wine' run_tests build/pytest-windows tests/windows
}

# Runs a function's parts beside the ones that follow, until `join` shows what they printed.
aside() {
  local shown
  shown=$(mktemp -d)
  (
    failed='' jobs=()
    "$@"
    printf '%s' "$failed" >"$shown/failed"
  ) </dev/null >"$shown/printed" 2>&1 &
  jobs+=("$!:$shown")
}

join() {
  local job shown
  for job in "${jobs[@]}"; do
    shown=${job#*:}
    wait "${job%%:*}" || failed+=', a part that was cut off'
    cat "$shown/printed"
    failed+=$(cat "$shown/failed")
    rm -rf "$shown"
  done
}

part() {
  local began=$SECONDS
  printf '\n== %s\n' "$1"
  "${@:2}" </dev/null 2>&1 || failed+=", $1"
  printf '== %s: %s s\n' "$1" $((SECONDS - began))
}

# Runs a command whose temporary files are in memory, if that has room: thousands of files take time on a disk.
in_memory() {
  local free folder
  free=$(df --block-size=1G --output=avail /dev/shm 2>/dev/null | tail -1)
  if ((${free:-0} >= 8)); then
    folder=$(mktemp -d /dev/shm/tw-XXXXXX)
    # Some tests enter it as another user.
    chmod 755 "$folder"
    # shellcheck disable=SC2064 - the folder's name as it is now
    trap "rm -rf '$folder'" EXIT
    TMPDIR=$folder "$@"
  else
    "$@"
  fi
}

# The built extension with its server, if there is one.
vscode() {
  local built=(dist/tokenward-linux-x64-*.vsix)
  if [[ -e ${built[0]} ]]; then
    export TOKENWARD_VSIX=${built[0]}
  fi
  run_tests build/pytest-vscode tests/vscode
}

# Takes a cache folder and options.
run_tests() {
  "${whole[@]}" .venv/bin/python -m pytest --timeout=300 -o "cache_dir=$1" "${@:2}"
}

# A part that needs the client's packages.
client() {
  # Set-up created them, or has reported why it could not.
  if [[ -e client-vscode/node_modules/.stamp ]]; then
    part "$@"
  else
    printf '\n== %s: skipped\n' "$1"
  fi
}

main "$@"
