"""Ignored findings are reported, and an entry counts as stale only if that is certain."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.detection.suppress.ignore_file import IGNORE_FILE, IgnoreFile, NewIgnoreEntry
from tokenward.model import Secret
from tokenward.operations.ignore.ignore_file import IgnoreFileWriter
from tokenward.operations.ignore.review import IgnoreReview, review_ignores, without_entries
from tokenward.settings import Settings
from unprivileged import bound_by_permissions, place_of_somebody

TODAY = date.today()  # noqa: DTZ011 - as the rules are read by
RULE = "betterleaks.github-pat"
GITHUB = tokens.github()


def write(desk: Desk, name: str, text: str) -> Path:
    path = desk.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def ignore(
    desk: Desk, value: str = GITHUB, *, rule: str = RULE, reason: str = "why", **options: object
) -> None:
    addition = NewIgnoreEntry(Secret(value), rule, "app.py", reason, **options)  # type: ignore[arg-type]
    allow_file(desk).change(lambda before: before.with_entries([addition])[0])


def allow_file(desk: Desk) -> IgnoreFileWriter:
    return IgnoreFileWriter(desk.folder, desk.places.ignores_lock)


def reviewed(desk: Desk, settings: Settings | None = None, *, cancelled: bool = False) -> IgnoreReview:
    return review_ignores(
        desk.context.scanner,
        desk.folder,
        settings or desk.settings,
        desk.places,
        cache=None,
        today=TODAY,
        is_cancelled=lambda: cancelled,
    )


def idle(found: IgnoreReview) -> dict[str, bool]:
    """Return the reason for each idle entry, and whether it is stale."""
    return {one.entry.reason: one.is_stale for one in found.unused}


def test_an_entry_whose_token_is_found_is_in_use(desk: Desk) -> None:
    write(desk, "app.py", f'x = "{GITHUB}"\n')
    ignore(desk)
    found = reviewed(desk)
    assert idle(found) == {}
    assert [(one.path, one.line, one.by) for one in found.silenced] == [("app.py", 0, f"{IGNORE_FILE}:2")]
    assert found.sources == {IGNORE_FILE: 1}


def test_an_entry_whose_token_is_gone_is_stale(desk: Desk) -> None:
    write(desk, "app.py", "x = 1\n")
    ignore(desk)
    assert idle(reviewed(desk)) == {"why": True}


def test_an_entry_past_its_day_is_stale_although_its_token_is_found(desk: Desk) -> None:
    write(desk, "app.py", f'x = "{GITHUB}"\n')
    ignore(desk, until=TODAY - timedelta(1))
    found = reviewed(desk)
    assert idle(found) == {"why": True}
    assert found.unused[0].why == f"expired on {TODAY - timedelta(1)}"
    assert found.silenced == ()


def test_every_source_is_told_with_its_places(desk: Desk) -> None:
    write(desk, "a.py", f'x = "{GITHUB}"  # gitleaks:allow\n')
    write(desk, "b.py", f'\nx = "{tokens.npm()}"\n')
    write(desk, ".gitleaksignore", "b.py:npm-access-token:2\n")
    write(desk, "c.py", f'x = "{tokens.stripe()}"\n')
    write(desk, ".gitleaks.toml", "[allowlist]\npaths = ['''c\\.py''']\n")
    known = {"hashed_secret": hashlib.sha1(tokens.gitlab().encode()).hexdigest()}
    write(desk, "d.py", f'x = "{tokens.gitlab()}"\n')
    write(desk, ".secrets.baseline", json.dumps({"results": {"d.py": [known]}}))
    found = reviewed(desk)
    assert {one.path: one.by for one in found.silenced} == {
        "a.py": "a comment",
        "b.py": ".gitleaksignore:1",
        "c.py": ".gitleaks.toml:1",
        "d.py": ".secrets.baseline",
    }
    assert set(found.sources) == {"a comment", ".gitleaksignore", ".gitleaks.toml", ".secrets.baseline"}


def test_an_entry_that_holds_beside_a_comment_is_in_use(desk: Desk) -> None:
    write(desk, "app.py", f'x = "{GITHUB}"  # tokenward:ignore\n')
    ignore(desk)
    assert idle(reviewed(desk)) == {}


def test_an_entry_that_holds_beside_another_is_in_use(desk: Desk) -> None:
    """The first may expire before the second."""
    write(desk, "app.py", f'x = "{GITHUB}"\n')
    ignore(desk, reason="everywhere", until=TODAY)
    ignore(desk, reason="here", scope="app.py")
    ignore(desk, reason="elsewhere", scope="other/**")
    assert idle(reviewed(desk)) == {"elsewhere": True}


def too_large(desk: Desk) -> Settings:
    write(desk, "secret/app.py", f'x = "{GITHUB}"\n')
    return replace(desk.settings, max_file_bytes=20)


def kept_out(desk: Desk) -> Settings:
    write(desk, "secret/app.py", f'x = "{GITHUB}"\n')
    return replace(desk.settings, workspace_exclude=("secret/",))


LEFT_OUT: dict[str, Callable[[Desk], Settings]] = {"too large": too_large, "kept out": kept_out}


@pytest.mark.parametrize("how", LEFT_OUT)
def test_an_entry_for_what_was_not_looked_at_is_not_stale(desk: Desk, how: str) -> None:
    ignore(desk, reason="everywhere")
    ignore(desk, reason="in it", scope="secret/*.py")
    ignore(desk, reason="of it", scope="secret/app.py")
    ignore(desk, reason="outside", scope="public/**")
    ignore(desk, reason="named alike", scope="secrets")
    found = reviewed(desk, LEFT_OUT[how](desk))
    assert idle(found) == {
        "everywhere": False,
        "in it": False,
        "of it": False,
        "outside": True,
        "named alike": True,
    }
    assert any("secret" in sentence for sentence in found.left_out)


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_an_entry_for_an_unreadable_folder_is_not_stale(desk: Desk) -> None:
    desk.detector.load()
    with place_of_somebody() as folder:
        somebodys = replace(desk, folder=folder)
        write(somebodys, "secret/app.py", f'x = "{GITHUB}"\n')
        ignore(somebodys, reason="in it", scope="secret/app.py")
        ignore(somebodys, reason="outside", scope="public/**")
        (folder / "secret").chmod(0o700)
        if os.geteuid() != 0:
            (folder / "secret").chmod(0)
        with bound_by_permissions():
            found = reviewed(somebodys)
        (folder / "secret").chmod(0o700)
    assert idle(found) == {"in it": False, "outside": True}


def test_a_scan_that_was_cut_short_makes_no_entry_stale(desk: Desk) -> None:
    ignore(desk)
    found = reviewed(desk, cancelled=True)
    assert idle(found) == {"why": False}
    assert found.left_out


def test_what_one_user_excludes_or_forbids_makes_no_entry_stale(desk: Desk) -> None:
    write(desk, "secret/app.py", f'x = "{GITHUB}"\n')
    ignore(desk)
    found = reviewed(desk, replace(desk.settings, exclude=("secret/",), allow_repository_ignores=False))
    assert idle(found) == {}
    assert not found.is_in_effect


def test_an_entry_of_a_rule_that_others_have_is_not_stale(desk: Desk) -> None:
    """A colleague may trust the workspace and its rules."""
    ignore(desk, rule="custom.of-acme")
    assert idle(reviewed(desk)) == {"why": False}


def test_a_rule_file_that_cannot_be_used_makes_no_entry_stale(desk: Desk) -> None:
    ignore(desk)
    found = reviewed(desk, replace(desk.settings, rule_files=(desk.folder / "absent.yml",)))
    assert idle(found) == {"why": False}
    assert found.problems


def test_a_bad_line_is_told_and_makes_no_entry_doubtful(desk: Desk) -> None:
    ignore(desk)
    with allow_file(desk).path.open("a") as file:
        file.write("<<<<<<< ours\n")
    found = reviewed(desk)
    assert idle(found) == {"why": True}
    assert [(problem.path, problem.line) for problem in found.problems] == [(IGNORE_FILE, 2)]


def test_stale_entries_are_removed_from_a_file_that_has_changed_since(desk: Desk) -> None:
    ignore(desk, reason="gone")
    stale = [one.entry for one in reviewed(desk).stale]
    ignore(desk, tokens.github(1), reason="new")
    allow_file(desk).change(lambda file: "# in front\n" + file.text)
    allow_file(desk).change(lambda file: without_entries(file, stale))
    text = allow_file(desk).path.read_text()
    assert [entry.reason for entry in IgnoreFile.parse(text)[0].entries] == ["new"]
    assert text.startswith("# in front\n")
