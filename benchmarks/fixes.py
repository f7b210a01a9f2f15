"""The fix, as a new user meets it: sample projects are scanned, moved, run and restored.

    python benchmarks/fixes.py [--seed 1] [--only flask_api …] [--show]

Each project of `corpora/projects` is filled with tokens and moved by `tokenward move --all --yes`, with a private
gnome-keyring and `--finish`, as in a clone of which gh, glab, circleci and az may all set secrets. `CHECKS` says for
each kind of file how the result is judged: the program runs under `tokenward run`, by its ordinary command line, and
prints its tokens; a parser reads the file, with lookups replaced by the variables that `tokenward run` sets, or by the
secrets that were set; or, where the program is not installed, the lookup is the one in its manual. What works only if
its file is named to `tokenward run` by `--env-file` counts as "by naming the file"; what needs a step first, such as a
credential in Jenkins, as "after a step". Needs Linux, and skips what is not installed.
"""

from __future__ import annotations

import argparse
import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import secretstorage
import yaml
from corpora.projects import Planted, ProjectFile, projects

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from keyring_session import keyring_session

TOKENWARD = str(Path(sys.executable).with_name("tokenward"))
GOAL_MOVED, GOAL_WORKING, GOAL_OF = 215, 205, 263
SHIM = r"""#!/bin/sh
[ "${0##*/}-$UV_KEYRING_PROVIDER" = uv-subprocess ] &&
    sed -n 's#^url = "\(https*://\)\([^@]*\)@\(.*\)"#keyring get \1\3 \2#p' pyproject.toml | sh
echo "$@" "$NPM_TOKEN" "$PGPASSWORD" "$VERCEL_TOKEN" "$GH_TOKEN"
name=
case ${0##*/}-$1-$2 in
    gh-secret-set | glab-variable-set) name=$3 ;;
    circleci-project-secret) name=$7 ;;
    az-pipelines-variable) name=$5 ;;
esac
[ "$name" ] && mkdir -p "$HOME/secrets/${0##*/}" &&
    { printenv "AZURE_DEVOPS_EXT_PIPELINE_VAR_$name" || cat; } > "$HOME/secrets/${0##*/}/$name"
for word in "$@" "$PGPASSFILE"; do
    case $word in id=*,env=*) printenv "${word##*=}" ;; *) cat "${word#--*=}" 2> /dev/null ;; esac
done
true
"""
"""What stands in for the programs of SHIMS: it prints its arguments, and the variables and files that they read."""
SHIMS = {
    "aider",
    "alembic",
    "az",
    "circleci",
    "curl",
    "docker",
    "gh",
    "glab",
    "helm",
    "mysql",
    "npm",
    "prometheus",
    "psql",
    "ssh-add",
    "twine",
    "uv",
    "vercel",
}
XDG = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache"}
NAME = r"(?P<name>\w+)"


@dataclass(frozen=True, slots=True)
class Check:
    """How a file is judged.

    Attributes:
        how: `run`, `parsed` or `manual`; `start` if `tokenward run` starts the program itself, not a shell.
        command: a command line that prints the tokens, with `{file}` and `{out}`; for a shell unless it is a `start`.
        variables: what its user has set, with `{file}` and, for the project's folder, `{folder}`.
        parse: returns the file's data.
        look_ups: patterns of what `tokenward run` alone fills in.
        after: patterns of what needs a step first.
        secrets: the program that sets secrets for those patterns; what it has set needs no step.
    """

    how: str
    command: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    parse: Callable[[str], object] = str
    look_ups: Sequence[str] = ()
    after: Sequence[str] = ()
    secrets: str = ""


@dataclass(slots=True)
class Row:
    """The counts of one kind of file."""

    files: int = 0
    planted: int = 0
    found: int = 0
    offered: int = 0
    moved: int = 0
    works: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("run", "parsed", "manual"), 0))
    named: int = 0
    after: int = 0
    restored: int = 0

    @property
    def working(self) -> int:
        return sum(self.works.values())


def run(command: str) -> Check:
    return Check("run", command)


def start(command: str, **variables: str) -> Check:
    return Check("start", command, variables)


def manual(*look_ups: str, after: Sequence[str] = (), secrets: str = "") -> Check:
    return Check("manual", look_ups=look_ups, after=after, secrets=secrets)


def parsed(
    parse: Callable[[str], object], *look_ups: str, after: Sequence[str] = (), secrets: str = ""
) -> Check:
    return Check("parsed", parse=parse, look_ups=look_ups, after=after, secrets=secrets)


def all_yaml(text: str) -> object:
    return list(yaml.safe_load_all(text))


def jsonc(text: str) -> object:
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def ini(text: str) -> object:
    parser = configparser.ConfigParser(interpolation=None, allow_no_value=True, delimiters=("=",))
    parser.read_string(text if text.lstrip().startswith("[") else "[top]\n" + text)
    return {name: dict(section) for name, section in parser.items()}


BRACES = rf"\$\{{{NAME}\}}"
KEYRING = rf"keyring://[\w.-]+/{NAME}"
PHP_ENV = (
    "php -r 'function env($n, $d = null) {{ $v = getenv($n); return $v === false ? $d : $v; }}"
    ' print_r(require "{file}");\''
)
CAT = """sh -c 'cat "$GOOGLE_APPLICATION_CREDENTIALS"'"""
NOTEBOOK = (
    'python3 -c \'import json, sys; cells = json.load(open(sys.argv[1]))["cells"];'
    ' exec("\\n".join("".join(cell["source"]) for cell in cells))\' {file}'
)
SCRIPTS = (
    'python3 -c \'import json, os, sys; scripts = json.load(open(sys.argv[1]))["scripts"];'
    ' [os.system(scripts[name]) for name in ("deploy", "release")]\' {file}'
)
ERB = "ruby -rerb -ryaml -e 'p YAML.load(ERB.new(File.read(\"{file}\")).result, aliases: true)'"
RUNTIME = "elixir -e 'IO.inspect(Config.Reader.read!(\"{file}\", env: :prod))'"
AWS = "sh -c \"$(sed -n 's/^credential_process *= *//p' {file})\""
KUBE = (
    "python3 -c 'import json, subprocess, sys, yaml;"
    ' users = [user["user"]["exec"] for user in yaml.safe_load(open(sys.argv[1]))["users"]];'
    ' [subprocess.run([one["command"], *one["args"]]) for one in users]\' {file}'
)
ASKED = "protocol=https\nhost=github.com\nusername=ada\n\n"
"""What git asks for a password."""
DOCKER = (
    'python3 -c \'import json, subprocess, sys; helpers = json.load(open(sys.argv[1]))["credHelpers"];'
    ' [subprocess.run(["docker-credential-" + name, "get"], input=host.encode()) for host, name in helpers.items()]\''
    " {file}"
)
CARGO = f"{sys.executable} {Path(__file__).with_name('cargo_asks.py')} {{file}}"
ENVIRONMENT = Check("parsed")
"""Files that `tokenward run` reads by itself, or by its option `--env-file`."""
COMPOSE = "docker-compose -f compose.yml -f {file} config --format json"
CI = [rf"\$\{{\{{ secrets\.{NAME} \}}\}}", rf"\$\({NAME}\)", BRACES, rf"\${NAME}"]

CHECKS: list[tuple[str, Check]] = [
    (r"config/\w+\.php", run(PHP_ENV)),
    (r"config/runtime\.exs", run(RUNTIME)),
    (r"config/(database|storage)\.yml", run(ERB)),
    (r".*\.client\.\w+|.*page\.tsx|.*\.(vue|html)", manual()),
    (r".*\.py", run("python3 {file}")),
    (r".*\.(mjs|cjs|js)", run("node {file}")),
    (r".*\.tsx?", manual(rf"process\.env\.{NAME}", rf'process\.env\["{NAME}"\]')),
    (r".*\.sh", run("bash {file}")),
    (r"bin/backup", run("sh {file}")),
    (r".*\.bashrc", start("bash --rcfile {file} -ic env")),
    (r"\.envrc", manual(rf"\$\(tokenward (?:get|env --only) {NAME}\)")),
    (r"worker\.env", run("docker-compose config --format json")),
    (r"(.*/)?\.env(\..*)?", ENVIRONMENT),
    (r"\.Renviron", manual(BRACES)),
    (r"(docker-)?compose.*\.yml", Check("parsed", COMPOSE)),
    (r"Dockerfile", Check("start", "docker build .", after=[BRACES])),
    (r"\.circleci/.*", manual(after=[*CI, rf"set by {NAME}"], secrets="circleci")),
    (r"\.github/.*", parsed(all_yaml, after=CI, secrets="gh")),
    (r"\.gitlab-ci\.yml", parsed(all_yaml, after=CI, secrets="glab")),
    (r"azure-.*", parsed(all_yaml, after=CI, secrets="az")),
    (r"Jenkinsfile", manual(after=[rf"credentials\(['\"]{NAME}['\"]\)", rf"\$\{{?{NAME}\}}?"])),
    (r"k8s/.*", start("kubectl label --local -f {file} a=b -o json")),
    (r"charts/.*", start("helm upgrade --install api charts/api")),
    (r".*application.*\.yml", parsed(all_yaml, BRACES)),
    (r".*application.*\.properties", parsed(ini, BRACES)),
    (r".*\.properties", parsed(ini)),
    (r"(.*/)?(appsettings.*|launchSettings)\.json", parsed(jsonc, rf"%{NAME}%")),
    (r"profiles\.yml", parsed(all_yaml, rf"\{{\{{ env_var\('{NAME}'\) \}}\}}")),
    (r"ansible/.*\.yml", parsed(all_yaml, rf"\{{\{{ lookup\('env', '{NAME}'\) \}}\}}")),
    (r"ansible/.*\.ini", parsed(ini, rf"\{{\{{ lookup\('env', '{NAME}'\) \}}\}}")),
    (r"prometheus/.*", start("prometheus --config.file={file}")),
    (r"sql/.*", manual(rf":'{NAME}'")),
    (r"\.config/gh/.*", start("gh api user", HOME="{folder}")),
    (r"\.aws/credentials", run(AWS)),
    (r"kubeconfig", run(KUBE)),
    (r"\.docker/config\.json", run(DOCKER)),
    (r"\.cargo/.*", run(CARGO)),
    (r"\.git-credentials", start("git credential fill")),
    (r"\.pypirc", start("twine upload dist/shop.tar.gz", HOME="{folder}")),
    (r"\.aider\.conf\.yml", start("aider")),
    (r"pyproject\.toml", start("uv sync")),
    (r".*\.http", manual(after=[rf"\{{\{{\$processEnv {NAME}\}}\}}"])),
    (r"\.netrc", start("curl -n https://api.example.com", HOME="{folder}")),
    (r"\.pgpass", start("psql -h db.example.com", HOME="{folder}")),
    (r"\.my\.cnf", start("mysql shop", HOME="{folder}")),
    (r"\.ssh/.*", start("ssh-add {file}")),
    (r"gcp/.*", start(CAT, GOOGLE_APPLICATION_CREDENTIALS="{file}")),
    (r"auth\.json", start("composer config --global --list", COMPOSER_ALLOW_SUPERUSER="1")),
    (r"alembic\.ini", start("alembic upgrade head")),
    (r"prometheus/.*", parsed(all_yaml)),
    (r".*\.(ini|cfg)", parsed(ini)),
    (r"package\.json", run(SCRIPTS)),
    (r".*\.npmrc|.*requirements.*\.txt", manual(BRACES)),
    (r"\.codex/.*", parsed(tomllib.loads, KEYRING, after=[rf'"?env_\w+"? = .*"{NAME}"', rf'_env_\w+ = "{NAME}"'])),
    (r"\.continue/.*", parsed(all_yaml, KEYRING, after=[BRACES])),
    (
        r"(.*/)?(\.mcp|mcp|claude_desktop_config|settings\.local|launch|settings|tasks|devcontainer)\.json",
        parsed(jsonc, KEYRING, after=[rf"\$\{{(?:\w+:)?{NAME}\}}"]),
    ),
    (r".*\.ipynb", run(NOTEBOOK)),
    (r".*\.go", run("go run {file}")),
    (r".*\.rs", run("rustc -o {out} {file} && {out}")),
    (r".*\.java", run("java {file}")),
    (r".*\.scala", manual(rf'sys\.env\("{NAME}"\)')),
    (r".*\.cs", run("mcs -out:{out} {file} && mono {out}")),
    (r".*\.kts?", manual(rf'System\.getenv\("{NAME}"\)')),
    (r".*\.rb", run("ruby {file}")),
    (r".*\.php", run("php {file}")),
    (r".*\.exs", run("elixir {file}")),
    (r".*\.swift", manual(rf'ProcessInfo\.processInfo\.environment\["{NAME}"\]')),
    (r".*\.tf", manual(rf"\bvar\.{NAME}")),
    (r".*\.tfvars", manual()),
    (r".*\.c", run("gcc -o {out} {file} && {out}")),
    (r".*\.cpp", run("g++ -o {out} {file} && {out}")),
    (r".*\.R", manual(rf'Sys\.getenv\("{NAME}"\)')),
    (r".*\.jl", manual(rf'ENV\["{NAME}"\]')),
    (r".*\.lua", run("lua {file}")),
    (r".*\.pl", run("perl {file}")),
    (r".*\.dart", manual(rf"Platform\.environment\[['\"]{NAME}['\"]\]")),
    (r"build\.gradle", manual(rf"System\.getenv\(['\"]{NAME}['\"]\)", rf"environmentVariable\(['\"]{NAME}['\"]\)")),
    (r".*\.groovy", run("groovy {file}")),
    (r"pom\.xml|settings\.xml", manual(rf"\$\{{env\.{NAME}\}}")),
    (r"nuget\.config", manual(rf"%{NAME}%")),
    (r".*\.fish", run("fish {file}")),
    (r".*\.ps1", manual(rf"\$env:{NAME}")),
    (r".*\.cmd", manual(rf"%{NAME}%")),
    (r"Makefile", run("make -s -f {file}")),
    (r".*", manual()),
]  # fmt: skip


class Bench:
    """A place for projects, with a keyring and a home of its own."""

    def __init__(self, environment: Mapping[str, str], place: Path, *, show: bool) -> None:
        self._place, self._show = place, show
        shims = place / "shims"
        shims.mkdir()
        for name in SHIMS:
            (shims / name).write_text(SHIM)
            (shims / name).chmod(0o755)
        path = os.pathsep.join([str(shims), str(Path(TOKENWARD).parent), environment["PATH"]])
        kept = {name: os.environ[name] for name in ("RUSTUP_HOME", "CARGO_HOME") if name in os.environ}
        home = Path.home()
        tools = {"RUSTUP_HOME": str(home / ".rustup"), "CARGO_HOME": str(home / ".cargo"), **kept}
        own = {f"XDG_{kind}_HOME": f"{environment['HOME']}/{folder}" for kind, folder in XDG.items()}
        # A project may be a home folder, and Tokenward's own records stay where they are.
        self._environment = {**environment, **tools, **own, "PATH": path, "COLUMNS": "400"}

    def measure(self, name: str, files: Sequence[ProjectFile], rows: dict[str, Row]) -> None:
        """Scan, move, check and restore a project, and add the counts."""
        folder = self._place / name
        for file in files:
            (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
            (folder / file.path).write_bytes(file.text.encode())
        self._call(["git", "init", "--quiet"], folder)
        self._call(["git", "remote", "add", "origin", f"https://github.com/acme/{name}"], folder)
        scanned = json.loads(self._call([TOKENWARD, "scan", "--format", "json", "."], folder).stdout)
        spans = {(one["path"], one["start_offset"], one["end_offset"]) for one in scanned["findings"]}
        dry = self._call([TOKENWARD, "move", "--all", "--dry-run", "--store-only"], folder).stderr
        moved = self._call([TOKENWARD, "move", "--all", "--yes", "--finish"], folder)
        if self._show:
            print(f"\n# {name}\n{moved.stdout}{moved.stderr}", file=sys.stderr)
        stored = self._stored(name)
        project = Moved(self, folder, stored)
        for file in files:
            row = rows.setdefault(file.kind, Row())
            row.files += 1
            row.planted += len(file.tokens)
            found = sum((file.path, *_span(file, token)) in spans for token in file.tokens)
            row.found += found
            offers = re.findall(
                rf"^{re.escape(file.path)}: (\d+) tokens? to (?:move|store)", dry, re.MULTILINE
            )
            row.offered += min(sum(map(int, offers)), found)
            project.judge(file, row)
        # Last .env, which other files' restores change too.
        for file in sorted(files, key=lambda file: file.path == ".env"):
            if (folder / file.path).read_bytes() != file.text.encode():
                self._call([TOKENWARD, "restore", file.path], folder)
        for file in files:
            text, kept = (folder / file.path).read_bytes(), file.text.encode()
            # Lines that moves added to an environment file stay, since other code may read them.
            same = text.startswith(kept) if "/.env" in f"/{file.path}" else text == kept
            rows[file.kind].restored += same
            if not same:
                self.note(f"  not restored: {file.path}")
        shutil.rmtree(folder)

    def secrets(self, program: str) -> dict[str, str]:
        """Return the secrets that a program has set."""
        place = Path(self._environment["HOME"], "secrets", program)
        return (
            {path.name: path.read_text(encoding="utf-8").rstrip("\n") for path in place.glob("*")}
            if program
            else {}
        )

    def call(self, command: str, folder: Path) -> str:
        """Return the output of a shell's command under `tokenward run`."""
        return self.start(["sh", "-c", command], folder, {})

    def start(self, command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> str:
        """Return the output of a command under `tokenward run`."""
        return self._call([TOKENWARD, "run", "--no-mask", "--", *command], folder, variables).stdout

    def tokenward(self, folder: Path, *words: str) -> str:
        return self._call([TOKENWARD, *words], folder).stdout

    def note(self, text: str) -> None:
        if self._show:
            print(text, file=sys.stderr)

    def _call(
        self, command: Sequence[str], folder: Path, variables: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        environment = {**self._environment, **variables}
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False,
            input=ASKED if command[-1] == "fill" else "", timeout=180,
        )  # fmt: skip

    def _stored(self, workspace: str) -> dict[str, str]:
        """Return the workspace's tokens in the keyring by name."""
        address = self._environment["DBUS_SESSION_BUS_ADDRESS"]
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = address
        connection = secretstorage.dbus_init()
        try:
            items = list(secretstorage.get_default_collection(connection).get_all_items())
            services = [(item.get_attributes().get("service", ""), item) for item in items]
            return {
                service.rpartition("/")[2]: item.get_secret().decode()
                for service, item in services
                if service.startswith(f"tokenward/{workspace}/")
            }
        finally:
            connection.close()


class Moved:
    """A project after its move."""

    def __init__(self, bench: Bench, folder: Path, stored: Mapping[str, str]) -> None:
        self._bench, self._folder, self._stored = bench, folder, stored
        self._environments: dict[Path, dict[str, str]] = {}

    def judge(self, file: ProjectFile, row: Row) -> None:
        """Count the tokens of a file that moved, and those whose program works."""
        text = (self._folder / file.path).read_text(encoding="utf-8")
        check = next(check for pattern, check in CHECKS if re.fullmatch(pattern, file.path))
        gone = [token for token in file.tokens if token.text not in text and self._has(token)]
        row.moved += len(gone)
        free, after = self._results(file, text, check)
        how = "run" if check.how == "start" else check.how
        for token in file.tokens:
            if token not in gone:
                self._bench.note(f"  stays: {file.path} at {token.start}")
            elif token.variable:
                works = token.value in self._environment(file).get(token.variable, "")
                row.works["parsed"] += works
                self._note_unless(works, file, token)
            elif token.value in free or token.text in free:
                row.works[how] += 1
            elif token.value in after or token.text in after:
                # An environment file can be named when its program starts, and no step is needed before.
                row.named += check == ENVIRONMENT
                row.after += check != ENVIRONMENT
            else:
                self._note_unless(False, file, token)

    def _note_unless(self, works: bool, file: ProjectFile, token: Planted) -> None:
        if not works:
            names = [name for name, value in self._stored.items() if value in (token.value, token.text)]
            self._bench.note(f"  does not work: {file.path} {names}")

    def _has(self, token: Planted) -> bool:
        return any(one in value for value in self._stored.values() for one in (token.value, token.text))

    def _results(self, file: ProjectFile, text: str, check: Check) -> tuple[str, str]:
        """Return what the program gets by `tokenward run` alone, and what it gets after a step."""
        if check.how == "start":
            folder, words = str(self._folder), shlex.split(check.command.format(file=file.path))
            variables = {
                name: value.format(file=file.path, folder=folder) for name, value in check.variables.items()
            }
            values = {**self._environment(file), **self._stored}
            return self._bench.start(words, self._folder, variables), _filled(text, check.after, values)
        if check.command:
            command = check.command.format(file=file.path, out=self._folder / "built")
            printed = self._bench.call(command, self._folder)
            return printed, ""
        if check == ENVIRONMENT:
            named = self._bench.tokenward(
                self._folder, "run", "--no-mask", "--env-file", file.path, "--", "env", "-0"
            )
            return "\n".join(self._environment(file).values()), named
        variables = self._environment(file)
        stored = {**variables, **self._stored}
        own = self._stored if _resolves(file.path, text) else variables
        free = _filled(_filled(text, check.after, self._bench.secrets(check.secrets)), check.look_ups, own)
        return _flat(check.parse, free), _flat(check.parse, _filled(free, check.after, stored))

    def _environment(self, file: ProjectFile) -> dict[str, str]:
        """Return the variables that `tokenward run` sets in the file's folder."""
        place = (self._folder / file.path).parent if "/.env" in file.path else self._folder
        if place not in self._environments:
            shown = self._bench.call("env -0", place)
            self._environments[place] = dict(one.split("=", 1) for one in shown.split("\0") if "=" in one)
        return self._environments[place]


def _resolves(path: str, text: str) -> bool:
    """Return whether something resolves a file's references: our extension, or a wrapped command."""
    return path.startswith(".vscode/") or re.search(r"\btokenward\b", text) is not None


def _filled(text: str, look_ups: Sequence[str], values: Mapping[str, str]) -> str:
    for look_up in look_ups:
        text = re.sub(look_up, lambda match: _value(values, match) or match[0], text)
    return text


def _value(values: Mapping[str, str], match: re.Match[str]) -> str | None:
    return values.get(match["name"]) or values.get(f"TF_VAR_{match['name']}")


def _flat(parse: Callable[[str], object], text: str) -> str:
    try:
        return "\n".join(_leaves(parse(text)))
    except (ValueError, yaml.YAMLError, configparser.Error) as error:
        return f"not parsed: {type(error).__name__}"


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, list):
        yield str(data)
        return
    for one in data:
        yield from _leaves(one)


def _span(file: ProjectFile, token: Planted) -> tuple[int, int]:
    start = len(file.text[: token.start].encode())
    return start, start + len(token.text.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", help="names of projects")
    parser.add_argument("--show", action="store_true", help="print what moves say, and what does not work")
    chosen = parser.parse_args()
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory() as place, keyring_session() as environment:
        bench = Bench(environment, Path(place).resolve(), show=chosen.show)
        for name, files in projects(chosen.seed):
            if not chosen.only or name in chosen.only:
                bench.measure(name, files, rows)
    _print(rows)


def _print(rows: Mapping[str, Row]) -> None:
    print(
        "| file kind | files | planted | found | offered | moved | run | parsed | manual | by naming the file"
        " | after a step | restored |"
    )
    print("| --- |" + " ---: |" * 11)
    for kind, row in sorted(rows.items()):
        _print_row(kind, row)
    total = Row()
    for row in rows.values():
        for name in ("files", "planted", "found", "offered", "moved", "named", "after", "restored"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        for how, count in row.works.items():
            total.works[how] += count
    _print_row("**all**", total)
    scale = total.planted / GOAL_OF
    print(f"\n- moved: {total.moved} of {total.planted}; goal {GOAL_MOVED * scale:.0f}")
    in_all = total.working + total.named
    working = f"{total.working} with nothing left to do, {in_all} also by naming the file"
    working += f", {in_all + total.after} also after a step that is named"
    print(f"- working: {working}; goal {GOAL_WORKING * scale:.0f}")


def _print_row(kind: str, row: Row) -> None:
    counts = [
        row.files,
        row.planted,
        row.found,
        row.offered,
        row.moved,
        *row.works.values(),
        row.named,
        row.after,
        row.restored,
    ]
    print(f"| {kind} | " + " | ".join(map(str, counts)) + " |", flush=True)


if __name__ == "__main__":
    main()
