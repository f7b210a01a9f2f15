#!/usr/bin/env bash
# Sets up the checkout for development: the system's packages, .venv and, with --client, the client's node_modules; with
# --real, also the editors, AI agents, tools and the Windows that `make test-real` starts.
# Takes a fraction of a second if everything is there. Also runs on the bash 3.2 of macOS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly CODE_SERVER=tests/vscode/code-server
readonly AGENTS=tests/agents/programs
# What all checkouts share.
readonly SHARED=${XDG_CACHE_HOME:-$HOME/.cache}/tokenward-test

main() {
  if [[ "${1:-}" == --release ]]; then
    set_up_release
    return
  fi
  install_missing_programs "$@"
  python=$(find_python) || install_python
  local client=''
  if [[ "${1:-}" == --client || "${1:-}" == --real ]]; then
    install_client &
    client=$!
  fi
  once .venv/.stamp-requirements requirements/dev.txt -- make_venv
  once .venv/.stamp-package requirements/dev.txt pyproject.toml -- install_package
  # shellcheck disable=SC2046 # names without blanks
  once .venv/.stamp-rules requirements/dev.txt $(find server/tokenward/detection -type f ! -name '*.pyc' | sort) -- \
    compile_rules
  # shellcheck disable=SC2046 # names without blanks
  once .venv/.stamp-catalog $(find server/tokenward/catalog -name '*.toml' | sort) -- \
    .venv/bin/python scripts/compile_catalog.py
  # shellcheck disable=SC2046 # names without blanks
  once .venv/.stamp-rule-pages .venv/.stamp-rules scripts/rule_pages.py \
    $(find server/tokenward/presentation -type f -name '*.py' | sort) -- .venv/bin/python scripts/rule_pages.py
  if [[ -n $client ]]; then
    wait "$client"
  fi
  if [[ "${1:-}" == --real ]]; then
    install_code_server
    install_agents
    install_windows
  fi
}

say() { printf 'set-up: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# No system packages, no package scripts and nothing without a hash: the results are signed and published.
set_up_release() {
  python=$(find_python) || install_python
  node_fits || die 'npm is missing, or Node is older than client-vscode/package.json requires.'
  "$python" -m venv --clear build/release
  build/release/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: -r requirements/build.txt
  say "installing the VS Code client's packages into client-vscode/node_modules."
  npm_ci client-vscode
}

# The programs that the tests and the demo start, with their Debian packages.
install_missing_programs() {
  local needed='nvim=neovim vim=vim less=less' pair missing='' packages=''
  if [[ $(uname) == Linux ]]; then
    needed+=' gnome-keyring-daemon=gnome-keyring dbus-run-session=dbus-daemon secret-tool=libsecret-tools'
  fi
  if [[ "${1:-}" == --client || "${1:-}" == --real ]]; then
    needed+=' node=nodejs npm=npm'
  fi
  if [[ "${1:-}" == --real ]]; then
    if [[ $(uname) == Linux ]]; then
      # bubblewrap and socat are for Claude Code's sandbox.
      needed+=' skopeo=skopeo docker-compose=docker-compose bwrap=bubblewrap socat=socat tmux=tmux busybox=busybox-static'
      # Terminals that count as a person's.
      needed+=' screen=screen xterm=xterm Xvfb=xvfb'
      needed+=' /usr/share/vim-ale=vim-ale emacs=emacs-nox /var/lib/dpkg/info/elpa-lsp-mode.list=elpa-lsp-mode'
    fi
    if [[ $(uname) == Linux ]] && ! a_browser_is_here; then
      needed+=' chromium=chromium'
    fi
    if [[ $(uname -sm) == 'Linux x86_64' ]]; then
      needed+=' wine=wine'
    fi
  fi
  for pair in $needed; do
    if ! command -v "${pair%=*}" >/dev/null && [[ ! -e ${pair%=*} ]]; then
      missing+=" ${pair%=*}"
      packages+=" ${pair#*=}"
    fi
  done
  # shellcheck disable=SC2086 # a list of words
  if [[ -n $missing ]] && ! apt_install $packages; then
    say "missing:$missing. Tests that need them do not run; install them to run everything."
    nothing_may_be_left_out
  fi
}

# In CI, a test that did not run has not passed.
nothing_may_be_left_out() {
  [[ "${CI:-}" != true ]] || die 'this is an error, because CI is true.'
}

# Succeeds if the packages are installed.
apt_install() {
  local as_root=''
  if ! command -v apt-get >/dev/null; then
    say 'cannot install packages: there is no apt-get.'
    return 1
  fi
  if ((EUID != 0)); then
    if ! can_sudo; then
      say 'cannot install packages without root or sudo.'
      return 1
    fi
    as_root=sudo
  fi
  say "installing with apt-get: $*"
  $as_root apt-get update -qq </dev/null >&2 || say 'some package lists could not be updated.'
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" </dev/null >/dev/null
}

can_sudo() {
  command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }
}

# Prints the path of a Python that supports Tokenward and can create environments.
find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.{14,13,12,11} python /usr/bin/python3; do
    # Debian lacks ensurepip until python3-venv is installed.
    if "$candidate" - 2>/dev/null <<'END'; then
import sys

if not (3, 11) <= sys.version_info < (3, 15):
    sys.exit(1)
import ensurepip, venv

print(sys.executable)
END
      return
    fi
  done
  return 1
}

install_python() {
  apt_install python3 python3-venv || true
  python=$(find_python) ||
    die 'found no Python 3.11 to 3.14 with venv; install one (on Debian: python3 python3-venv) or name it: make PYTHON=PATH test'
}

# Runs the command after `--` unless the stamp shows that it ran for the same files, Python and path;
# the path counts because an environment cannot be moved.
once() {
  local stamp=$1 files=() want
  shift
  while [[ $1 != -- ]]; do
    files+=("$1")
    shift
  done
  want=$(digest "${files[@]}")
  if [[ ! -e $stamp || $(<"$stamp") != "$want" ]]; then
    "${@:2}"
    printf '%s\n' "$want" >"$stamp"
  fi
}

digest() {
  "$python" - "$PWD" "$@" <<'END'
import hashlib, pathlib, sys

digest = hashlib.sha256("\0".join([sys.version, *sys.argv[1:]]).encode())
for name in sys.argv[2:]:
    digest.update(pathlib.Path(name).read_bytes())
print(digest.hexdigest())
END
}

make_venv() {
  say "installing requirements/dev.txt into .venv with $("$python" --version), which takes up to a minute."
  "$python" -m venv --clear .venv
  # pip takes four times as long, but knows the settings of a machine that reaches no public index.
  awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements/dev.txt >.venv/uv.txt
  with_pip --no-deps -r .venv/uv.txt
  with_uv --compile-bytecode -r requirements/dev.txt || with_pip -r requirements/dev.txt
}

with_pip() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes "$@"
}

with_uv() {
  .venv/bin/python -m uv pip install --quiet --python .venv/bin/python --require-hashes "$@"
}

install_package() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
}

compile_rules() {
  say 'compiling the rules, which takes about 10 s.'
  .venv/bin/python scripts/compile_rules.py
}

install_client() {
  if node_fits; then
    once client-vscode/node_modules/.stamp client-vscode/package.json client-vscode/package-lock.json -- \
      copy_client_packages
    return
  fi
  rm -f client-vscode/node_modules/.stamp
  say 'npm is missing, or Node is older than client-vscode/package.json requires; the VS Code client is neither checked nor built.'
  nothing_may_be_left_out
}

node_fits() {
  command -v npm >/dev/null && node - <<'END'
const engine = require("./client-vscode/package.json").engines.node.match(/\d+/g).map(Number);
const here = process.versions.node.split(".").map(Number);
process.exit(here[0] > engine[0] || (here[0] === engine[0] && here[1] >= (engine[1] ?? 0)) ? 0 : 1);
END
}

npm_ci() {
  npm --prefix "$1" ci --no-audit --no-fund --loglevel=error </dev/null >&2
}

# A checkout has a copy, which takes npm ten times as long to make.
copy_client_packages() {
  local place
  place=$SHARED/client-$(digest_of_lock client-vscode)
  if [[ ! -e $place ]]; then
    say "installing the VS Code client's packages into $place (0.2 GB)."
    install_shared client-vscode "$place"
  fi
  rm -rf client-vscode/node_modules
  cp -a "$place/node_modules" client-vscode/
}

# Installs the locked packages of a folder under another name and then renames it, so it is complete even if two do so.
install_shared() {
  mkdir -p "$SHARED"
  made=$(mktemp -d "$2.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  cp "$1"/{package.json,package-lock.json,.npmrc} "$made"
  npm_ci "$made" || return
  [[ -e $2 ]] || mv "$made" "$2"
}

# The VS Code that the tests start. It is too large for the checkout, so all checkouts share it.
install_code_server() {
  [[ $(uname) == Linux ]] || return 0
  if ! a_browser_is_here; then
    say 'found neither chromium nor google-chrome; the tests in a real VS Code do not run.'
    nothing_may_be_left_out
    return
  fi
  local place
  place=$SHARED/code-server-$(digest_of_lock "$CODE_SERVER")
  if [[ ! -e $place ]]; then
    say "installing code-server into $place (0.8 GB), which takes about two minutes."
    make_code_server "$place"
  fi
}

# Each lock has a folder of its own; tests/code_server.py and tests/agents/real_agents.py use the same names.
digest_of_lock() {
  "$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:12])' \
    "$1/package-lock.json"
}

# The AI agents that the tests start, shared by all checkouts as well.
install_agents() {
  [[ $(uname) == Linux ]] || return 0
  local place
  place=$SHARED/agents-$(digest_of_lock "$AGENTS")
  [[ ! -e $place ]] || return 0
  say "installing AI agents into $place (1.4 GB), which takes about a minute."
  if ! install_shared "$AGENTS" "$place"; then
    say 'could not download the AI agents; the tests that start them do not run.'
    nothing_may_be_left_out
  fi
}

# The Windows on which tests run under Wine, shared by all checkouts as well.
install_windows() {
  [[ $(uname -sm) == 'Linux x86_64' ]] || return 0
  if ! command -v wine >/dev/null || ! .venv/bin/python scripts/windows.py; then
    say 'the tests of Windows do not run.'
    nothing_may_be_left_out
  fi
}

a_browser_is_here() {
  command -v chromium >/dev/null || command -v google-chrome >/dev/null
}

# Created under another name and then renamed, so that it is complete even if two checkouts create it at once.
make_code_server() {
  local place=$1 node
  # Its Kerberos module has no prebuilt binary and is compiled.
  [[ -e /usr/include/gssapi/gssapi.h ]] || apt_install libkrb5-dev
  mkdir -p "${place%/*}"
  made=$(mktemp -d "$place.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  cp "$CODE_SERVER"/{package.json,package-lock.json,.npmrc} "$made"
  npm --prefix "$made" ci --loglevel=error </dev/null >&2
  node=$(echo "$made"/node_modules/node-linux-*)
  # Only modules to be compiled run scripts. The user's settings may name the headers of another Node.
  PATH=$node/bin:$PATH npm_config_nodedir=$node npm_config_ignore_scripts=false \
    npm --prefix "$made" rebuild --loglevel=error argon2 code-server </dev/null >&2
  mv -T "$made" "$place" 2>/dev/null || [[ -e $place ]]
}

main "$@"
