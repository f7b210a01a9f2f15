from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from presentation.reporting import FINDING, HOSTILE_NAMES, named, report
from tokenward.cli.scan.lines import next_command


def test_the_files_with_tokens_are_named_once_each() -> None:
    found = report(FINDING, FINDING, replace(FINDING, path="a b.py"), replace(FINDING, path="-x.py"))
    command = next_command(found, [], is_staged=False)
    assert shlex.split(command) == ["tokenward", "move", FINDING.path, "a b.py", "./-x.py"]


@pytest.mark.parametrize(("roots", "words"), [([], ["--all"]), ([Path("src"), Path("a b")], ["src", "a b"])])
def test_many_files_are_moved_by_what_was_scanned(roots: list[Path], words: list[str]) -> None:
    found = report(*(replace(FINDING, path=f"{n}.py") for n in range(9)))
    assert shlex.split(next_command(found, roots, is_staged=False)) == ["tokenward", "move", *words]


def test_after_a_refused_commit_the_change_is_staged() -> None:
    command = next_command(report(FINDING), [], is_staged=True)
    assert command == f"tokenward move {FINDING.path}, then stage the change and commit again"


def test_without_tokens_there_is_no_command() -> None:
    assert next_command(report(), [], is_staged=False) == ""


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_one_word_or_none(name: str) -> None:
    command = next_command(named(name), [], is_staged=False)
    assert command.isprintable()
    assert shlex.split(command) in (
        ["tokenward", "move", "--all"],
        ["tokenward", "move", f"./{name}" if name.startswith("-") else name],
    )
