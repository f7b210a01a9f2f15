"""`tokenward leave`, killed by SIGKILL at some 30 of its 200 steps: nothing is lost, and a repetition completes it.

The long tests try every step.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import tokens
from examples import fewer
from killed import KILLED, Killer
from tokenward.model import Secret, references_in
from tokenward.operations.access.put import put
from tokenward.operations.context import Context

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

CHUNKS = 4


@dataclass
class Project:
    """A workspace with a token in code, the same one in a script, and one whose reference the user wrote."""

    folder: Path
    seed: int
    before: dict[str, str] = field(default_factory=dict)

    def move(self, context: Context, killer: Killer) -> None:
        self.folder.mkdir()
        token, other = tokens.github(self.seed), tokens.npm(self.seed)
        self.before = {
            "app.py": f'import sys\nGITHUB_TOKEN = "{token}"\n',
            "run.js": f"const key = process.env.NPM_TOKEN || '{other}';\n",
        }
        for name, text in self.before.items():
            (self.folder / name).write_text(text)
        assert killer(0, self.folder, "move", *self.before, "--yes") == 0
        value = tokens.gitlab(self.seed)
        reference, _ = put(context, self.folder, "PUT", Secret(value))
        (self.folder / "own.env").write_text(f"MINE={reference}\n")
        self.before["own.env"] = f"MINE={value}\n"

    def values(self) -> list[str]:
        return [maker(self.seed) for maker in (tokens.github, tokens.npm, tokens.gitlab)]

    def texts(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.folder.iterdir() if path.is_file()}

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
    entered: Context, killer: Killer, tmp_path: Path, first: int
) -> None:
    seen = set[int]()
    apart = fewer(7, long=1)
    for step in killer.steps(1 + (first - 1) * apart, CHUNKS * apart):
        project = Project(tmp_path / f"acme-{step}", step)
        project.move(entered, killer)
        code = killer(step, project.folder, "leave", "--yes")
        project.assert_nothing_is_lost(entered)
        seen.add(len(entered.entries.in_workspace(project.folder.name)))
        if code == KILLED and entered.bindings.folder_of(project.folder.name):
            assert killer(0, project.folder, "leave", "--yes") == 0, killer.output
        assert project.texts() == project.before
        assert entered.entries.in_workspace(project.folder.name) == ()
        assert entered.bindings.folder_of(project.folder.name) is None
    assert step > 40
    assert {0, 3} <= seen
