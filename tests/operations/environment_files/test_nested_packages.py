"""The environment files below the folder where a program starts are found with little reading."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokenward.operations.environment_files.nested_packages import files_below
from tokenward.settings import Settings

REFERENCE = "A=keyring://acme/A\n"
_collectors: list[list[str]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"open", "os.listdir", "os.scandir"}:
        for collector in _collectors:
            collector.append(str(arguments[0]))


sys.addaudithook(_note)


@contextmanager
def opened() -> Iterator[list[str]]:
    """Collect the files and folders that are opened in the block."""
    found: list[str] = []
    _collectors.append(found)
    try:
        yield found
    finally:
        _collectors.remove(found)


def found_below(folder: Path) -> list[str]:
    files = files_below(Settings(), folder, folder, ["npm", "start"], {})
    return [path.relative_to(folder).as_posix() for one in files for path in one.read]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_no_file_is_opened_in_a_project_without_packages(tmp_path: Path) -> None:
    for name in ("src/a.py", "src/deep/b.py", "docs/c.md", "node_modules/d/.env", ".env", "package.json"):
        write(tmp_path / name, REFERENCE)
    with opened() as names:
        assert found_below(tmp_path) == []
    assert [name for name in names if Path(name).is_file()] == []
    assert len(names) == len({".", "src", "src/deep", "docs"})


def test_a_large_tree_is_not_walked_whole(tmp_path: Path) -> None:
    for number in range(400):
        write(tmp_path / f"p{number:03}/.env", REFERENCE)
    with opened() as names:
        assert found_below(tmp_path) == [f"p{number:03}/.env" for number in range(30)]
    assert len(names) < 200


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a/.env", REFERENCE)
    write(tmp_path / "b/.env", f"{REFERENCE}# {'x' * 200_000}\n")
    assert found_below(tmp_path) == ["a/.env"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "outside/.env", REFERENCE)
    folder = tmp_path / "project"
    write(folder / "a/.env", REFERENCE)
    (folder / "linked").symlink_to(tmp_path / "outside")
    (folder / "b").mkdir()
    (folder / "b/.env").symlink_to(tmp_path / "outside/.env")
    assert found_below(folder) == ["a/.env"]
