"""What others do between the plan of a leave and the removal costs no token."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import tokens
from desk import Desk
from tokenward.errors import CustodyError, RewriteRefused
from tokenward.model import Reference, Secret, Span
from tokenward.operations.leave import leaving
from tokenward.operations.leave.leaving import Leaving
from tokenward.operations.leave.survey import workspace_of
from tokenward.operations.move import restore as restoring
from tokenward.rewriting.edits import Edit

REFERENCE = Reference("acme-api", "GITHUB_TOKEN")


@pytest.fixture
def code(desk: Desk) -> Path:
    """A file whose token was moved."""
    path = desk.folder / "app.py"
    path.write_text(f'GITHUB_TOKEN = "{tokens.github()}"\n')
    assert desk.move_on_disk(path).reference == REFERENCE
    return path


@pytest.fixture
def left(desk: Desk, code: Path) -> Leaving:
    """A leave whose values are back, and whose token is not removed yet."""
    left = Leaving(desk.context, workspace_of(desk.context, desk.folder), desk.disk)
    assert {*left.restore()} == {code, desk.folder / ".env"}
    assert left.removable() == [REFERENCE]
    return left


def test_without_interference_it_is_removed(desk: Desk, left: Leaving) -> None:
    left.remove_token(REFERENCE)
    assert (desk.value(str(REFERENCE)), left.stored()) == (None, set())


def test_a_value_that_was_replaced_stays(desk: Desk, left: Leaving) -> None:
    desk.vault.delete(REFERENCE)
    desk.vault.put(REFERENCE, Secret(tokens.github("new")))
    with pytest.raises(CustodyError, match="has another value now"):
        left.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github("new")


def test_a_token_that_was_moved_again_stays(desk: Desk, left: Leaving, code: Path) -> None:
    desk.move_on_disk(code)
    with pytest.raises(CustodyError, match="was moved again in the meantime"):
        left.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github()


def test_a_token_whose_file_lost_it_stays(desk: Desk, left: Leaving, code: Path) -> None:
    code.write_text("print()\n")
    with pytest.raises(CustodyError, match="No file holds the value"):
        left.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github()


def test_a_token_that_a_file_refers_to_again_stays(desk: Desk, left: Leaving, code: Path) -> None:
    code.write_text(f'A = "{tokens.github()}"\nB = "{REFERENCE}"\n')
    with pytest.raises(CustodyError, match="still refers to"):
        left.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github()


def miswrite(monkeypatch: pytest.MonkeyPatch, module: ModuleType) -> None:
    """Have tokens put back in a file that changes elsewhere too."""

    def plan(text: str, *_: object, **__: object) -> tuple[Edit, ...]:
        return (Edit(Span(0, len(text)), f'GITHUB_TOKEN = "{tokens.github()}"\n\n'),)

    monkeypatch.setattr(module, "plan_restore", plan)


def test_a_file_that_is_not_as_before_is_named_and_its_token_stays(
    desk: Desk, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repeated leave removes the token."""
    miswrite(monkeypatch, leaving)
    first = Leaving(desk.context, workspace_of(desk.context, desk.folder), desk.disk)
    assert code in {*first.restore()}
    assert "app.py has its tokens back, but is not as it was" in first.kept[REFERENCE][0]
    assert (first.removable(), desk.value(str(REFERENCE))) == ([], tokens.github())
    again = Leaving(desk.context, workspace_of(desk.context, desk.folder), desk.disk)
    assert [*again.restore()] == []
    assert again.removable() == [REFERENCE]


def test_a_restored_file_that_is_not_as_before_is_named(
    desk: Desk, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    miswrite(monkeypatch, restoring)
    with pytest.raises(RewriteRefused, match=r"app\.py has its tokens back, but is not as it was"):
        list(restoring.restore(desk.context, desk.folder, code, desk.disk, None))


def test_a_file_that_was_edited_since_is_not_compared(desk: Desk, code: Path) -> None:
    code.write_text(f"{code.read_text()}print()\n")
    edited = Leaving(desk.context, workspace_of(desk.context, desk.folder), desk.disk)
    assert code in {*edited.restore()}
    assert (edited.kept, edited.removable()) == ({}, [REFERENCE])
    assert code.read_text() == f'GITHUB_TOKEN = "{tokens.github()}"\nprint()\n'
