"""Programs and editors wait for these command lines, so they load only what they need and start no other process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from importlib import import_module
from pathlib import Path

import pytest

import tokens
from cli_shell import TOKENWARD, SetUp, Shell
from git_tree import git, repository
from tokenward.detection.engine import Detector
from tokenward.lsp import loading, server

PATIENT = str(Path(__file__).parents[1] / "agents" / "tokenward_with_time.py")
pytestmark = pytest.mark.usefixtures("own_interpreter")

PACKAGES = {"cryptography", "jeepney", "platformdirs", "secretstorage", "tokenward"}
"""The packages, besides the standard library, that a use of a token may load."""
HEAVY = {
    "asyncio",
    "cryptography.hazmat.backends.openssl",
    "inspect",
    "keyring",
    "kingfisher_sdk",
    "psutil",
    "pydantic",
    "random",
    "rich",
    "shutil",
    "subprocess",
    "tempfile",
    "tokenward.detection",
    "tokenward.findings",
    "tokenward.lsp",
    "tokenward.rewriting.readers",
    "tomllib",
    "typer",
}
MOST = 255
"""Modules; about a third of them are the interpreter's own."""
GIT = b"protocol=https\nhost=git.example.com\n\n"
COMMANDS: list[tuple[list[str], bytes]] = [
    (["tokenward", "run", "--no-mask", "--", "true"], b""),
    (["tokenward", "run", "--only", "TOKEN", "--no-mask", "true"], b""),
    (["tokenward", "get", "TOKEN"], b""),
    (["git-credential-tokenward", "get"], GIT),
    (["docker-credential-tokenward", "get"], b"git.example.com"),
    (["tokenward", "credential", "aws", "AKIAEXAMPLE", "keyring://acme-api/TOKEN"], b""),
    (["tokenward", "credential", "kubectl", "keyring://acme-api/TOKEN"], b""),
    (["tokenward", "credential", "headers", "A: keyring://acme-api/TOKEN"], b""),
]


@pytest.fixture
def recorded(stored: Shell, set_up: SetUp) -> Shell:
    """A workspace with a token that answers for a host."""
    with set_up():
        assert stored("credential", "add", "https://git.example.com", "TOKEN").code == 0
    return stored


def loaded(shell: Shell, words: list[str], given: bytes) -> AbstractSet[str]:
    program = words[0] if words[0] == PATIENT else str(Path(TOKENWARD).with_name(words[0]))
    done = subprocess.run(
        [sys.executable, "-X", "importtime", program, *words[1:]],
        input=given,
        capture_output=True,
        env=dict(shell.environment),
        cwd=shell.folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-1000:]
    assert words[1] in ("agents", "run", "scan", "server") or b"the value" in done.stdout
    found = re.findall(r"^import time:[^|]*\|[^|]*\| +(\S+)$", done.stderr.decode(), re.MULTILINE)
    return frozenset(found) - before(shell)


def before(shell: Shell) -> AbstractSet[str]:
    """Return what the interpreter of this environment loads by itself."""
    command = [sys.executable, "-X", "importtime", "-c", ""]
    done = subprocess.run(command, capture_output=True, env=dict(shell.environment), check=True)
    return frozenset(re.findall(r"\| +(\S+)$", done.stderr.decode(), re.MULTILINE))


def packages(modules: AbstractSet[str]) -> Iterator[str]:
    for module in modules:
        top = module.partition(".")[0]
        # The standard library's `copy` tries a module of Jython.
        if top not in {*sys.stdlib_module_names, "org"} and not top.startswith("_"):
            yield top


def slow_classes(modules: Iterable[str]) -> list[str]:
    """Return the modules whose frozen data classes are not those of `fast_dataclasses.py`, which load faster."""
    ours = [one for one in modules if one.startswith("tokenward.") and one != "tokenward.fast_dataclasses"]
    standard = re.compile(r"^from dataclasses import .*\bdataclass\b(?s:.*)^@dataclass\(frozen", re.MULTILINE)
    sources = {one: Path(str(import_module(one).__file__)) for one in ours}
    return [one for one, source in sources.items() if standard.search(source.read_text())]


@pytest.mark.parametrize(("words", "given"), COMMANDS, ids=[" ".join(words[:3]) for words, _ in COMMANDS])
def test_a_use_of_a_token_loads_neither_the_toolkit_nor_the_rules_and_starts_no_process(
    words: list[str], given: bytes, recorded: Shell
) -> None:
    modules = loaded(recorded, words, given)
    assert set(packages(modules)) <= PACKAGES
    assert not {one for one in modules for heavy in HEAVY if one == heavy or one.startswith(f"{heavy}.")}
    assert len(modules) <= MOST, len(modules)
    assert slow_classes(modules) == []


MOST_OF_A_SCAN = 295


@pytest.mark.parametrize("words", [["scan", "a.py"], ["scan", "--staged"]])
def test_a_scan_of_few_texts_without_tokens_loads_neither_the_toolkit_nor_all_rules(
    words: list[str], bare_shell: Shell
) -> None:
    repository(bare_shell.folder)
    bare_shell.folder.joinpath("a.py").write_text("def step(value):\n    return value + 1\n")
    git(bare_shell.folder, "add", "a.py")
    modules = loaded(bare_shell, ["tokenward", *words], b"")
    assert {"inspect", "kingfisher_sdk.scanner", "rich", "typer"} & modules == set()
    assert len(modules) <= MOST_OF_A_SCAN, len(modules)
    assert slow_classes(modules) == []


MOST_OF_A_HOOK = 375
"""Without the daemon, and with a token in an environment file."""


@pytest.mark.slow
def test_a_hook_without_the_daemon_loads_neither_the_toolkit_nor_all_rules(
    stored: Shell, rules_home: Path
) -> None:
    token = tokens.npm("hook")
    stored.write_env(f"NPM_TOKEN={token}")
    result = {
        "tool_name": "Bash",
        "tool_input": {"command": "x"},
        "tool_response": {"stdout": f"a {token} b"},
    }
    given = json.dumps({"hook_event_name": "PostToolUse", "cwd": str(stored.folder), **result}).encode()
    shell = stored.having(XDG_CACHE_HOME=str(rules_home))
    detector = Detector(rules_home / "tokenward" / "rules")
    for _ in range(3):
        modules = loaded(shell, [PATIENT, "agents", "hook", "claude-code"], given)
        detector.compile_wanted(100)
    assert {"concurrent.futures", "inspect", "rich", "tempfile", "typer"} & modules == set()
    assert len(modules) <= MOST_OF_A_HOOK, len(modules)
    assert slow_classes(modules) == []


AFTER_THE_START = {
    "rich",
    "tokenward.detection.validation",
    "tokenward.lsp.commands",
    "tokenward.operations.move",
    "tokenward.operations.report",
    "tokenward.operations.transcripts",
    "tokenward.rewriting.languages",
    "tree_sitter",
    "typer",
}

MOST_OF_OURS = 275
"""Our own modules, of which each costs 0.4 ms."""


def test_the_server_greets_its_client_before_it_loads_what_only_requests_need(bare_shell: Shell) -> None:
    modules = loaded(bare_shell, ["tokenward", "server"], b"")
    assert "tokenward.lsp.server" in modules
    assert not {one for one in modules for late in AFTER_THE_START if f"{one}.".startswith(f"{late}.")}
    ours = [one for one in modules if one.startswith("tokenward.")]
    assert len(ours) <= MOST_OF_OURS, len(ours)
    assert slow_classes(ours) == []


def test_every_handler_that_is_loaded_late_exists() -> None:
    assert len(loading._handlers) >= len(server.COMMANDS)
    loading.load_handlers()
    assert all(map(callable, loading._handlers.values()))
