"""Recordings of the command line: every page of help, the exit codes of a table of lines, and the settings' keys."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields

from cli_shell import Done, Shell
from goldens.golden import Golden, Place
from goldens.normal import Normaliser, planted, section
from tokenward.setting_fields import FIELDS, Layer
from tokenward.settings import Settings

_PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
TOKENS = planted("command line")
LINES = """
--version
--nothing
nothing
scan
scan app.py
scan clean.py
scan missing.py
scan --format json clean.py
scan --format nothing
scan --staged
scan --stdin
redact app.py
redact missing.py
get
get NOTHING
get keyring://other/NOTHING
get STORED
get STORED extra
put
put lower-case?
put STORED
put NEW --no-env
list
list extra
rename STORED
rename STORED RENAMED
rename RENAMED RENAMED
rename NOTHING OTHER
lease RENAMED
lease RENAMED --for 8h
lease RENAMED --for nonsense
lease NOTHING
rm NOTHING
rm RENAMED
run
run -- true
run -- false
run -- no-such-program
run -- printenv RENAMED
run --only NOTHING -- true
env
exec -- true
exec -- false
move missing.py
move clean.py
move --dry-run app.py
move app.py
restore
restore app.py
inject missing.tpl
ignore missing.py:1 --reason why
ignore app.py:1
workspaces
bind
unbind nothing
vault
vault status
ledger
ledger show
ledger verify
agents
agents hook nothing
credential
credential git
check
check NOTHING
revoke NOTHING
review
report --nothing
watch
daemon --nothing
leave --dry-run
rm --yes RENAMED
get RENAMED
run -- true
leave
leave --dry-run
"""
"""Each is run in turn in one workspace, without a terminal and with nothing to read."""


def _ran(shell: Shell, line: str, normal: Normaliser, lines: int) -> Iterator[str]:
    done: Done = shell(*shlex.split(line))
    yield f"exit code {done.code}"
    for mark, text in (("", done.out.decode(errors="replace")), ("! ", done.err)):
        rows = normal(text).splitlines()
        yield from (f"{mark}{row}".rstrip() for row in rows[:lines])
        if len(rows) > lines:
            yield f"{mark}… {len(rows) - lines} more lines"


def _shell(place: Place) -> tuple[Shell, Normaliser]:
    normal = Normaliser({place.folder: "WORKSPACE", place.environment["HOME"]: "HOME"})
    normal.learn_all(TOKENS)
    return Shell(place.environment, place.folder).having(**_PLAIN), normal


def helps(place: Place) -> str:
    """Return every page of help, found by the commands that the pages list."""
    shell, normal = _shell(place)
    pages = []
    waiting = [""]
    while waiting:
        verb = waiting.pop(0)
        lines = [*_ran(shell, f"{verb} --help", normal, 1000)]
        pages.append(section(f"tokenward {verb}".strip(), lines))
        listed = "\n".join(lines).partition("\n  -h, --help ")[2]
        waiting += [f"{verb} {found}".strip() for found in re.findall(r"^  (\S+)", listed, re.MULTILINE)]
    return "".join(pages)


def exit_codes(place: Place) -> str:
    """Return what each line of the table prints, and its exit code."""
    shell, normal = _shell(place)
    shell.folder.joinpath("app.py").write_text(f'import os\nGITHUB_TOKEN = "{TOKENS["GITHUB"]}"\n')
    shell.folder.joinpath("clean.py").write_text("print(1)\n")
    shell.put("STORED", TOKENS["NPM"])
    shell.put("APART", TOKENS["GITLAB"])
    shell.write_env("STORED=keyring://acme-api/STORED")
    lines = [line for line in LINES.splitlines() if line]
    return "".join(section(f"tokenward {line}", _ran(shell, line, normal, 12)) for line in lines)


def settings(_: Place) -> str:
    """Return each setting's keys, the layers that may set it, its valid values and its default."""
    defaults = Settings()
    rows = []
    for name, one in FIELDS.items():
        keys = [f"{layer.name.lower()} {layer.key(name)}" for layer in Layer if layer in one.layers]
        rows.append(section(name, [*keys, f"expected: {one.expected}"]))
    names = [f"{one.name} = {getattr(defaults, one.name)!r}" for one in fields(defaults)]
    return "".join([*rows, section("defaults", names)])


GOLDENS = (
    Golden("help", helps),
    Golden("exit-codes", exit_codes),
    Golden("settings", settings),
)
