"""`tokenward move`, killed by SIGKILL at any step: nothing is lost, and the next start describes the state.

The long tests try each step, the others every second one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import tokens
from examples import fewer
from killed import KILLED, Killer
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.move.restore import restore
from tokenward.operations.recovery import recover

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

CHUNKS = 2
CODE = 'import os\nGITHUB_TOKEN = "{}"\n'
MOVED = 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'
SAID = {
    (True, True): "the token is in both the keyring and the file",
    (False, True): "the token is in the file as before",
    (True, False): "the token is in the keyring and its reference in the file",
}


@dataclass
class Project:
    """A workspace of one file, whose token is to be moved."""

    folder: Path
    token: str

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.code.write_text(CODE.format(self.token))

    @property
    def code(self) -> Path:
        return self.folder / "app.py"

    @property
    def reference(self) -> Reference:
        return Reference(self.folder.name, "GITHUB_TOKEN")

    @property
    def line(self) -> str:
        return f"GITHUB_TOKEN={self.reference}\n"

    def assert_whole(self) -> None:
        """Assert that each file is the old or the new one."""
        assert self.code.read_text() in (CODE.format(self.token), MOVED)
        assert self._env() in (None, self.line)
        assert self.code.read_text() != MOVED or self._env() == self.line

    def assert_moved(self) -> None:
        assert (self.code.read_text(), self._env()) == (MOVED, self.line)
        assert sorted(path.name for path in self.folder.iterdir()) == [".env", "app.py"]

    def holds_token(self) -> bool:
        return self.token in self.code.read_text()

    def _env(self) -> str | None:
        env = self.folder / ".env"
        return env.read_text() if env.exists() else None


@pytest.mark.parametrize("first", range(1, CHUNKS + 1))
def test_a_token_survives_a_kill_at_any_step(
    entered: Context, killer: Killer, tmp_path: Path, first: int
) -> None:
    """The token is in the file, the keyring or both; every file is complete; and repeating the move completes it."""
    seen = set[str]()
    for step in killer.steps(first, fewer(2 * CHUNKS, long=CHUNKS)):
        project = Project(tmp_path / f"acme-{step}", tokens.github(step))
        killer(step, project.folder, "move", "app.py")
        project.assert_whole()
        state = (_in_keyring(entered, project), project.holds_token())
        assert any(state)
        for sentence in recover(entered, DiskEditor()):
            assert SAID[state] in sentence
            seen.add(SAID[state])
        project.assert_whole()
        if project.holds_token():
            assert killer(0, project.folder, "move", "app.py") == 0
        project.assert_moved()
        assert _in_keyring(entered, project)
        assert list(recover(entered, DiskEditor())) == []
    assert step > CHUNKS * 10
    assert seen == set(SAID.values())


def test_several_tokens_of_a_file_survive_a_kill_and_can_be_restored(
    entered: Context, killer: Killer, tmp_path: Path
) -> None:
    """All of them are in the file, or all in the keyring; a restore gives the file back byte for byte.

    They are stored together, and the next start names each. The tests below end the keyring's work between two of them.
    """
    seen, counts = set[bool](), set[int]()
    for step in killer.steps(stride=fewer(6, long=1)):
        folder = tmp_path / f"acme-{step}"
        folder.mkdir()
        app, env = folder / "app.py", folder / ".env"
        values = {f"TOKEN_{number}": tokens.github((step, number)) for number in range(7)}
        before = "".join(f"{name} = '{value}'\r\n" for name, value in values.items()).encode()
        lines = "".join(f"{name}={Reference(folder.name, name)}\n" for name in values)
        app.write_bytes(before)
        killer(step, folder, "move", "app.py")
        is_edited = app.read_bytes() != before
        seen.add(is_edited)
        assert not is_edited or not any(value.encode() in app.read_bytes() for value in values.values())
        assert not is_edited or env.read_text() == lines
        assert not env.exists() or env.read_text() == lines
        held = [name for name in values if entered.vault.get(Reference(folder.name, name)) is not None]
        counts.add(len(held))
        said = dict(zip(values, recover(entered, DiskEditor()), strict=False))
        assert len(said) in (0, len(values))
        for name, sentence in said.items():
            assert f"{Reference(folder.name, name)} " in sentence
            assert SAID[name in held, not is_edited] in sentence
        assert [one.reference.name for one in entered.entries.in_workspace(folder.name)] == held
        assert is_edited or killer(0, folder, "move", "app.py") == 0
        assert env.read_text() == lines
        for name, value in values.items():
            secret = entered.vault.get(Reference(folder.name, name))
            assert secret is not None
            assert secret.reveal() == value
        assert list(recover(entered, DiskEditor())) == []
        assert len(list(restore(entered, folder, app, DiskEditor(), None))) == len(values)
        assert app.read_bytes() == before
    assert seen == {True, False}
    assert counts == {0, 7}


def _in_keyring(context: Context, project: Project) -> bool:
    secret = context.vault.get(project.reference)
    return secret is not None and secret.reveal() == project.token


Tokenward = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """The folder by which a fake keyring is steered."""
    (tmp_path / "fake").mkdir()
    return tmp_path / "fake"


@pytest.fixture
def with_backend(absent: dict[str, str], fake: Path) -> Callable[[str, Path], Tokenward]:
    """Return a `tokenward` in a folder that uses a fake keyring."""
    config = Path(absent["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text('allowed-backends = ["deadly_backend", "fake_backends"]\n')

    def of(backend: str, folder: Path) -> Tokenward:
        environment = {
            **absent,
            "PYTHON_KEYRING_BACKEND": backend,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "FAKE_KEYRING": str(fake),
        }

        def tokenward(*arguments: str, options: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, *options, "-m", "tokenward.cli", *arguments]
            return subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )

        return tokenward

    return of


@pytest.mark.parametrize("points", range(6))
def test_a_kill_while_the_keyring_works_loses_nothing(
    with_backend: Callable[[str, Path], Tokenward], fake: Path, tmp_path: Path, points: int
) -> None:
    """Killed before and after each keyring call; then the doctor describes the state, and a new move completes."""
    project = Project(tmp_path / "acme-api", tokens.github())
    tokenward = with_backend("deadly_backend.Deadly", project.folder)
    (fake / "kill").write_text(str(points))
    # With an option, it is not forked off the fork server, which would be the killed parent of the keyring's process.
    assert tokenward("move", "app.py", options=["-u"]).returncode == KILLED
    (fake / "kill").unlink()
    project.assert_whole()
    assert project.holds_token()
    stored = (fake / "entries.json").exists()
    assert SAID[stored, True] in tokenward("doctor").stdout
    assert tokenward("move", "app.py").returncode == 0
    project.assert_moved()
    assert tokenward("get", "GITHUB_TOKEN").stdout == f"{project.token}\n"
    assert "interrupted move" not in tokenward("doctor").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "points", "count"),
    [
        *(
            ("deadly_backend.Deadly", 12 + points, count)
            for points, count in enumerate([0, 1, 1, 2, 2, 3, 3])
        ),
        ("fake_backends.Dying", None, 1),
        ("fake_backends.Filed", None, 3),
    ],
)
def test_an_end_while_the_keyring_stores_several_loses_none(
    with_backend: Callable[[str, Path], Tokenward],
    fake: Path,
    tmp_path: Path,
    backend: str,
    points: int | None,
    count: int,
) -> None:
    """Of the command between two of them, or of the keyring's process alone: what it stored is found and said."""
    folder = tmp_path / "acme-api"
    folder.mkdir()
    values = {f"TOKEN_{number}": tokens.github(number) for number in range(3)}
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    (folder / ".env").write_text(text)
    if points is not None:
        (fake / "kill").write_text(str(points))
    code = with_backend(backend, folder)("move", ".env", options=["-u"]).returncode
    assert code == (KILLED if points is not None else 0 if count == 3 else 2)
    (fake / "kill").unlink(missing_ok=True)
    stored = json.loads((fake / "entries.json").read_text()) if (fake / "entries.json").exists() else {}
    assert [one.partition(" ")[2] for one in stored] == [*values][:count]
    tokenward = with_backend("fake_backends.Filed", folder)
    if code != 0:
        assert (folder / ".env").read_text() == text
        said = tokenward("doctor").stdout
        assert all(f"A move of keyring://acme-api/{name} " in said for name in values)
        assert [said.count(SAID[one, True]) for one in (True, False)] == [count, 3 - count]
        assert tokenward("move", ".env").returncode == 0
    assert not any(value in (folder / ".env").read_text() for value in values.values())
    assert [tokenward("get", name).stdout for name in values] == [f"{value}\n" for value in values.values()]
    assert "none interrupted" in tokenward("doctor").stdout
