"""Several processes change one environment file at once, each for a token of its own; all of them succeed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import tokens
from cli_shell import TOKENWARD, Shell

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs gnome-keyring")
COUNT = 6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["KEY", "GITHUB_TOKEN"], ids=["names of their own", "one name for all"])
@pytest.mark.parametrize("env", [None, "MINE=1\n"], ids=["no .env", "with .env"])
def test_moves_of_six_files_at_once_all_succeed(
    unlocked: dict[str, str], folder: Path, name: str, env: str | None
) -> None:
    shell = Shell(unlocked, folder)
    if env is not None:
        (folder / ".env").write_text(env)
    names = [f"{name}_{number}" if name == "KEY" else name for number in range(COUNT)]
    values = [tokens.github(f"{name} {number}") for number in range(COUNT)]
    for number, (one, value) in enumerate(zip(names, values, strict=True)):
        (folder / f"f{number}.py").write_text(f'import os\n\n{one} = "{value}"\n')
    moves = [
        subprocess.Popen(
            [TOKENWARD, "move", "--yes", f"f{number}.py"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=unlocked,
            cwd=folder,
        )
        for number in range(COUNT)
    ]
    told = [move.communicate()[1].decode() for move in moves]
    assert [move.returncode for move in moves] == [0] * COUNT, told
    lines = (folder / ".env").read_text().splitlines()
    assert len(lines) == len({*lines}) == COUNT + (env is not None)
    for number, value in enumerate(values):
        (looked_up,) = re.findall(r'os\.environ\["(\w+)"\]', (folder / f"f{number}.py").read_text())
        assert f"{looked_up}=keyring://acme-api/{looked_up}" in lines
        assert shell.get(looked_up) == value
    assert sorted(path.name for path in folder.iterdir()) == [
        ".env",
        *(f"f{number}.py" for number in range(COUNT)),
    ]
