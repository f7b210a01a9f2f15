"""Every row of the table of patterns, with an example file."""

from __future__ import annotations

from pathlib import Path

import pytest

import git_tree
from tokenward.sources.candidate import Candidate
from tokenward.sources.patterns.token_files import pruned_folders, token_kinds, token_patterns
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk

EXAMPLES = {
    ".*_history": "home/.bash_history",
    "*.log.*": "app.log.1",
    ".aider.*.history.md": ".aider.chat.history.md",
    "*token.json": "access_token.json",
    "*vault*.yml": "group_vars/vault-prod.yml",
    "*vault*.yaml": "group_vars/vault-prod.yaml",
}
NO_TOKENS = [
    "main.bin",
    "src/app.o",
    "photo.png",
    "notes.txt",
    "environment.ts",
    "logger.py",
    "keys.txt",
    "a.envelope",
]


def example(pattern: str) -> str:
    """Return an example path for the pattern, made up for most by replacing each wildcard with a name."""
    return EXAMPLES.get(pattern) or pattern.replace("**/", "up/").replace("/**", "/in/x").replace("*", "name")


def found(root: Path) -> set[str]:
    items = walk([root], WalkChoice(), lambda: False)
    return {item.name for item in items if isinstance(item, Candidate)}


def made(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("x")


def test_files_that_hold_tokens_are_found_although_git_ignores_them(tmp_path: Path) -> None:
    git_tree.repository(tmp_path)
    (tmp_path / ".gitignore").write_text("*\n")
    examples = {f"sub{row}/{example(pattern)}" for row, pattern in enumerate(token_patterns())}
    for name in examples:
        made(tmp_path, name)
        made(tmp_path, f"{name.partition('/')[0]}/plain")
    assert found(tmp_path) - {".git/config"} == examples


def test_case_does_not_hide_a_file() -> None:
    for pattern in token_patterns():
        path = f"sub/{example(pattern)}".upper()
        assert token_kinds().verdict(path, path.rpartition("/")[2], is_folder=False) is True, pattern


def test_no_pattern_stands_twice() -> None:
    assert len(token_patterns()) == len(set(token_patterns()))


@pytest.mark.parametrize("name", NO_TOKENS)
def test_a_file_of_no_such_kind_stays_ignored(tmp_path: Path, name: str) -> None:
    made(tmp_path, name)
    (git_tree.empty_repository(tmp_path) / ".gitignore").write_text("*\n")
    assert found(tmp_path) == set()


@pytest.mark.parametrize("name", sorted(pruned_folders().always))
def test_a_folder_of_dependencies_is_never_entered(tmp_path: Path, name: str) -> None:
    made(tmp_path, f"{name}/.env")
    made(tmp_path, f"sub/{name}/.env")
    assert found(tmp_path) == set()


@pytest.mark.parametrize("name", sorted(pruned_folders().ignored))
def test_a_folder_that_is_built_is_left_only_when_git_ignores_it(tmp_path: Path, name: str) -> None:
    made(tmp_path, f"{name}/.env")
    assert found(tmp_path) == {f"{name}/.env"}
    (git_tree.empty_repository(tmp_path) / ".gitignore").write_text(f"{name}/\n")
    assert found(tmp_path) == {".gitignore"}


@pytest.mark.parametrize("name", sorted(pruned_folders().ignored))
def test_a_folder_in_which_git_tracks_a_file_is_entered(tmp_path: Path, name: str) -> None:
    git_tree.repository(tmp_path)
    made(tmp_path, f"{name}/tracked.py")
    git_tree.git(tmp_path, "add", "-A")
    made(tmp_path, f"{name}/other.py")
    made(tmp_path, f"{name}/.env")
    (tmp_path / ".gitignore").write_text(f"{name}/\n")
    assert found(tmp_path) - {".git/config"} == {".gitignore", f"{name}/tracked.py", f"{name}/.env"}


@pytest.mark.parametrize("marker", sorted(pruned_folders().markers))
def test_an_environment_is_left_by_its_marker(tmp_path: Path, marker: str) -> None:
    made(tmp_path, f"myenv/{marker}")
    made(tmp_path, "myenv/lib/code.py")
    assert found(tmp_path) == set()


@pytest.mark.parametrize("marker", sorted(pruned_folders().markers))
def test_a_repository_cannot_hide_its_sources_behind_a_marker(tmp_path: Path, marker: str) -> None:
    git_tree.repository(tmp_path)
    made(tmp_path, f"src/{marker}")
    made(tmp_path, "src/code.py")
    made(tmp_path, marker)
    git_tree.git(tmp_path, "add", "-A")
    assert "src/code.py" in found(tmp_path)


@pytest.mark.parametrize("path", pruned_folders().inside)
def test_one_file_in_a_folder_that_is_not_entered_is_found(tmp_path: Path, path: str) -> None:
    made(tmp_path, f"nested/{path}")
    assert found(tmp_path) == {f"nested/{path}"}


@pytest.mark.parametrize("parent", sorted(pruned_folders().below))
def test_a_tools_own_folders_are_left_and_what_is_beside_them_is_not(tmp_path: Path, parent: str) -> None:
    for name in pruned_folders().below[parent]:
        made(tmp_path, f"{parent}/{name}/x")
    made(tmp_path, f"{parent}/state")
    assert found(tmp_path) == {f"{parent}/state"}
