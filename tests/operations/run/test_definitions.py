"""Where references are assigned: in which files, at which places, and in hostile files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tokenward.model import Reference
from tokenward.operations.run.definitions import (
    LARGEST,
    MOST_ASSIGNMENTS,
    ReferenceAssignment,
    assignments_of,
    assignments_to,
)
from tokenward.settings import Settings

TOKEN = Reference("acme-api", "TOKEN")


def of_token(
    folder: Path, buffers: Mapping[Path, str] | None = None, env_file: str = ".env"
) -> list[ReferenceAssignment]:
    return assignments_of(TOKEN, Settings(env_file=env_file), folder, buffers or {})


def places(folder: Path, found: list[ReferenceAssignment]) -> list[tuple[str, int, str]]:
    """Return each assignment's file, line and text."""
    return [
        (one.path.relative_to(folder).as_posix(), one.line, one.text[one.whole.start : one.whole.end])
        for one in found
    ]


def test_an_assignment_is_found_in_every_environment_file_of_the_workspace(folder: Path) -> None:
    (folder / ".env").write_bytes(f"\ufeffOTHER=1\r\nexport KEY = '{TOKEN}' # é\r\n".encode())
    (folder / ".env.local").write_text(f"A=1\n\nKEY=Bearer {TOKEN}\n")
    (folder / "app.env").write_text(f"KEY={TOKEN}\n")
    (folder / "inner").mkdir()
    (folder / "inner" / ".env").write_text(f"KEY={TOKEN}\n")
    found = of_token(folder)
    expected = [(".env", 1, f"KEY = '{TOKEN}'"), (".env.local", 2, f"KEY=Bearer {TOKEN}")]
    assert places(folder, found) == expected
    assert [one.text[one.name.start : one.name.end] for one in found] == ["KEY", "KEY"]
    assert places(folder, of_token(folder, env_file="app.env"))[0] == ("app.env", 0, f"KEY={TOKEN}")
    assert [one.path for one in of_token(folder, env_file="inner/.env")] == [folder / "inner" / ".env"]


def test_a_byte_order_mark_takes_no_column(folder: Path) -> None:
    (folder / ".env").write_text(f"\ufeffKEY={TOKEN}\n", "utf-8")
    (found,) = of_token(folder)
    assert (found.name.start, found.text) == (0, f"KEY={TOKEN}\n")


def test_a_variable_leads_to_its_line_only_if_that_holds_a_reference(folder: Path) -> None:
    (folder / ".env").write_text(f"KEY=plain\nKEY={TOKEN}\nOTHER={TOKEN}\n")
    find = assignments_to
    assert places(folder, find("KEY", Settings(), folder, {})) == [(".env", 1, f"KEY={TOKEN}")]
    assert find("MISSING", Settings(), folder, {}) == []


def test_an_open_buffer_counts_more_than_its_file(folder: Path) -> None:
    (folder / ".env").write_text(f"KEY={TOKEN}\n")
    buffers = {folder / ".env": "KEY=1\n", folder / ".env.new": f"\nKEY={TOKEN}\n"}
    assert places(folder, of_token(folder, buffers)) == [(".env.new", 1, f"KEY={TOKEN}")]


def test_a_buffer_is_known_by_its_file_whatever_links_lead_to_it(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    (folder / ".env").write_text("KEY=1\n")
    (folder / ".env.same").symlink_to(folder / ".env")
    found = of_token(folder, {link / ".env": f"KEY={TOKEN}\n"})
    assert [one.path for one in found] == [link / ".env"]


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _too_large(path: Path) -> None:
    path.write_text(f"KEY={TOKEN}\n" + "#" * LARGEST)


def _outside(path: Path) -> None:
    (path.parent.parent / "stranger").write_text(f"KEY={TOKEN}\n")
    path.symlink_to(path.parent.parent / "stranger")


def _endless_link(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [_fifo, _too_large, _outside, _endless_link, Path.mkdir])
@pytest.mark.parametrize("name", [".env", ".env.hostile"])
def test_what_is_no_environment_file_of_the_workspace_is_passed_over(
    folder: Path, make: Callable[[Path], None], name: str
) -> None:
    (folder / ".env.good").write_text(f"KEY={TOKEN}\n")
    make(folder / name)
    assert places(folder, of_token(folder)) == [(".env.good", 0, f"KEY={TOKEN}")]


def test_only_so_many_assignments_are_told(folder: Path) -> None:
    (folder / ".env").write_text(f"KEY={TOKEN}\n" * 20_000)
    assert len(of_token(folder)) == MOST_ASSIGNMENTS
