"""The programs that a repository may have put where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_tree import repository
from tokenward.operations.run.repository_programs import is_repositorys, own_variables

PLACES = (
    ("/usr/bin/psql", False),
    ("./psql", True),
    ("bin/psql", True),
    ("$ROOT/psql", True),
    ("$ROOT/.venv/bin/psql", True),
    ("$ROOT/sub/../node_modules/.bin/psql", True),
    ("$APART/bin/psql", False),
    ("$HOME/.local/bin/psql", False),
    # Environments into which requirements are installed, anywhere.
    ("$APART/venv/bin/psql", True),
    ("$APART/conda/bin/psql", True),
    ("$APART/node_modules/.bin/psql", True),
    ("$APART/linked-venv/psql", True),
    # Other working copies, but not those that install programs for the user.
    ("$APART/copy/bin/psql", True),
    ("$HOME/src/copy/bin/psql", True),
    ("$HOME/.pyenv/shims/psql", False),
    ("$HOME/bin/psql", False),
    # Links, in either direction.
    ("$APART/bin/into", True),
    ("$APART/bin/through", True),
    ("$ROOT/out", True),
    ("$APART/bin/out", False),
    ("$APART/bin/app", False),
    ("$APART/into/psql", True),
    ("$APART/bin/around", True),
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, beside folders of the user's; the home folder is a working copy too."""
    root, apart, home = (tmp_path / name for name in ("root", "apart", "home"))
    for folder in (root, home, apart / "copy", home / "src" / "copy", home / ".pyenv"):
        repository(folder)
    for name in ("sub", ".venv/bin"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "venv/bin", "conda/bin", "conda/conda-meta", "app/bin"):
        (apart / name).mkdir(parents=True)
    (apart / "venv" / "pyvenv.cfg").touch()
    (apart / "app" / "pyvenv.cfg").touch()
    (apart / "bin" / "into").symlink_to(root / "psql")
    (apart / "bin" / "through").symlink_to("../../root/out")
    (root / "out").symlink_to("/usr/bin/psql")
    (apart / "bin" / "out").symlink_to("/usr/bin/psql")
    (apart / "bin" / "app").symlink_to(apart / "app" / "bin" / "psql")
    (apart / "into").symlink_to(root / "sub")
    (apart / "linked-venv").symlink_to(apart / "venv" / "bin")
    (apart / "bin" / "around").symlink_to("around")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(root)
    return root


def filled(text: str, root: Path) -> str:
    for name in ("root", "apart", "home"):
        text = text.replace(f"${name.upper()}", str(root.with_name(name)))
    return text


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize(("program", "expected"), PLACES)
def test_a_program_of_a_repository_is_recognised(program: str, expected: bool, root: Path) -> None:
    assert is_repositorys(filled(program, root), root) is expected


def test_the_workspace_counts_without_any_mark_and_in_a_hidden_folder(root: Path) -> None:
    hidden = root.with_name("home") / ".dotfiles"
    hidden.mkdir()
    assert is_repositorys(str(hidden / "psql"), hidden)
    assert not is_repositorys(str(hidden / "psql"), root)


def test_an_environment_file_makes_a_program_start_no_code_of_a_repository(root: Path) -> None:
    inherited = {"PATH": os.pathsep.join([str(root / "bin"), "bin", "/usr/bin"]), "PAGER": "less", "A": "1"}
    assigned = {"PAGER": "./less", "LD_PRELOAD": "./a.so", "PGHOST": "db", "A": "2", "PATH": str(root)}
    expected = {"PATH": "/usr/bin", "PAGER": "less", "PGHOST": "db", "A": "2"}
    assert own_variables({**inherited, **assigned}, inherited, root) == expected
