"""`tokenward leave`, killed by SIGKILL at every step: nothing is lost or dangles, and a repetition completes it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import killed_verbs
import tokens
from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.model import Secret, references_in
from tokenward.operations.access.put import put
from tokenward.operations.context import Context
from tokenward.operations.opening import open_context, vault_config
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.worker import VaultWorker
from vault_calls import enter

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

KILLED = -9
CHUNKS = 2
STRIDE = CHUNKS * 17
"""Steps from one kill of a test to its next; there are some 500."""
Run = Callable[..., int]


@pytest.fixture
def context(
    unlocked: dict[str, str], detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Context]:
    """The same user's keyring and records, in this process."""
    enter(unlocked, monkeypatch)
    places = Places.of_user()
    scanner = Scanner(detector, Fingerprinter(load_key(places.fingerprint_key)))
    with contextlib.closing(VaultWorker(vault_config(places, Settings()))) as vault:
        yield open_context(places, Settings(), lambda: scanner, vault)


@pytest.fixture
def run(unlocked: dict[str, str]) -> Iterator[Run]:
    """Return a function that runs `tokenward ARGUMENTS…` in a folder, killed at a step, and returns its exit code."""
    server = subprocess.Popen(
        [sys.executable, killed_verbs.__file__],
        env=unlocked,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdin is not None
        assert server.stdout is not None
        requests, answers = server.stdin, server.stdout

        def run(step: int, folder: Path, *arguments: str) -> int:
            requests.write("\t".join((str(step), str(folder), *arguments)) + "\n")
            requests.flush()
            return int(answers.readline())

        yield run
        requests.close()


@dataclass
class Project:
    """A workspace with a token in code, the same one in a script, and one whose reference the user wrote."""

    folder: Path
    seed: int
    before: dict[str, str] = field(default_factory=dict)

    def move(self, context: Context, run: Run) -> None:
        self.folder.mkdir()
        (self.folder / "given").touch()
        token, other = tokens.github(self.seed), tokens.npm(self.seed)
        self.before = {
            "app.py": f'import sys\nGITHUB_TOKEN = "{token}"\n',
            "run.js": f"const key = process.env.NPM_TOKEN || '{other}';\n",
        }
        for name, text in self.before.items():
            (self.folder / name).write_text(text)
        assert run(0, self.folder, "move", *self.before, "--yes") == 0
        value = tokens.gitlab(self.seed)
        reference, _ = put(context, self.folder, "PUT", Secret(value))
        (self.folder / "own.env").write_text(f"MINE={reference}\n")
        self.before["own.env"] = f"MINE={value}\n"

    def values(self) -> list[str]:
        return [maker(self.seed) for maker in (tokens.github, tokens.npm, tokens.gitlab)]

    def texts(self) -> dict[str, str]:
        ours = {"given", "out"}
        return {
            path.name: path.read_text()
            for path in self.folder.iterdir()
            if path.is_file() and path.name not in ours
        }

    def assert_nothing_is_lost(self, context: Context) -> None:
        """Assert that each value is in a file or the keyring, and that every reference leads to one."""
        text = "\n".join(self.texts().values())
        stored = {
            value.reveal()
            for entry in context.entries.in_workspace(self.folder.name)
            if (value := context.vault.get(entry.reference)) is not None
        }
        assert all(value in text or value in stored for value in self.values())
        assert all(context.vault.get(reference) is not None for _, reference in references_in(text))
        for name in ("GITHUB_TOKEN", "NPM_TOKEN"):
            looks_up = f'environ["{name}"]' in text or (f"env.{name};" in text)
            assert not looks_up or f"{name}=keyring://" in text


@pytest.mark.parametrize("first", range(1, CHUNKS + 1))
def test_no_kill_loses_a_value_and_a_repetition_completes_it(
    context: Context, run: Run, tmp_path: Path, first: int
) -> None:
    step, code, seen = 1 + (first - 1) * STRIDE // CHUNKS, KILLED, set[int]()
    while code == KILLED:
        project = Project(tmp_path / f"acme-{step}", step)
        project.move(context, run)
        code = run(step, project.folder, "leave", "--yes")
        project.assert_nothing_is_lost(context)
        seen.add(len(context.entries.in_workspace(project.folder.name)))
        if code == KILLED and context.bindings.folder_of(project.folder.name):
            assert run(0, project.folder, "leave", "--yes") == 0, (project.folder / "out").read_text()
        assert project.texts() == project.before
        assert context.entries.in_workspace(project.folder.name) == ()
        assert context.bindings.folder_of(project.folder.name) is None
        step += STRIDE
    assert code == 0
    assert step > STRIDE * 3
    assert {0, 3} <= seen
