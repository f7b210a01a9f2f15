"""A program gets the token that was moved out of its file in the home folder, in every folder."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from home_files import HOME_FILES, HomeFile

TOKEN = tokens.github("home files")


@pytest.fixture
def home(shell: Shell) -> Path:
    return Path(shell.environment["HOME"])


def started(shell: Shell, tools: Path, file: HomeFile) -> tuple[str, str]:
    """Start a file's command with a stand-in, which writes down what it got; return that, and what was said."""
    program, got = tools / file.command.split()[0], tools / "got"
    tools.mkdir(exist_ok=True)
    read = f'cat "{file.given if file.given[0] == "$" else "$2"}"'
    program.write_text(f"#!/bin/sh\n{f'printenv {file.given}' if file.is_value else read} > {got}\n")
    program.chmod(0o755)
    got.write_text("")
    found = shell.having(PATH=f"{tools}:{shell.environment['PATH']}")
    done = found("run", "--", *file.command.split())
    return got.read_text(), done.err


@pytest.mark.parametrize("file", HOME_FILES, ids=lambda file: file.path)
def test_a_file_of_the_home_folder_is_filled_for_its_program_in_every_folder(
    shell: Shell, home: Path, tmp_path: Path, file: HomeFile
) -> None:
    path = home / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = file.text.replace("T0K", TOKEN)
    path.write_text(text)
    elsewhere = tmp_path / "clone"
    elsewhere.joinpath(".git").mkdir(parents=True)
    # A stranger's variables could send the token to another host.
    elsewhere.joinpath(".env").write_text("STEERED=yes\n")
    there = shell.at(elsewhere)

    moved = there("move", str(path))
    assert moved.code == 0, moved.err
    assert TOKEN not in path.read_text()
    assert f"tokenward run -- {file.command.split()[0]}" in moved.err

    got, said = started(there, tmp_path / "tools", file)
    assert got == (f"{TOKEN}\n" if file.is_value else text), said
    assert "no variables from the environment file" in said
    got, said = started(there, elsewhere / "tools", file)
    assert TOKEN not in got
    assert "a repository can write that program" in said

    restored = there("restore", str(path))
    assert restored.code == 0, restored.err
    assert path.read_text() == text
