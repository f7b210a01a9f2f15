"""What others do between the plan of a leave and the removal costs no token."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.errors import CustodyError
from tokenward.model import Reference, Secret
from tokenward.operations.leave.leaving import Leaving
from tokenward.operations.leave.workspaces import workspace_of

REFERENCE = Reference("acme-api", "GITHUB_TOKEN")


@pytest.fixture
def code(desk: Desk) -> Path:
    """A file whose token was moved."""
    path = desk.folder / "app.py"
    path.write_text(f'GITHUB_TOKEN = "{tokens.github()}"\n')
    assert desk.move_on_disk(path).reference == REFERENCE
    return path


@pytest.fixture
def leaving(desk: Desk, code: Path) -> Leaving:
    """A leave whose values are back, and whose token is not removed yet."""
    leaving = Leaving(desk.context, workspace_of(desk.context, desk.folder), desk.disk)
    assert {*leaving.restore()} == {code, desk.folder / ".env"}
    assert leaving.removable() == [REFERENCE]
    return leaving


def test_without_interference_it_is_removed(desk: Desk, leaving: Leaving) -> None:
    leaving.remove_token(REFERENCE)
    assert (desk.value(str(REFERENCE)), leaving.stored()) == (None, set())


def test_a_value_that_was_replaced_stays(desk: Desk, leaving: Leaving) -> None:
    desk.vault.delete(REFERENCE)
    desk.vault.put(REFERENCE, Secret(tokens.github("new")))
    with pytest.raises(CustodyError, match="has another value now"):
        leaving.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github("new")


def test_a_token_that_was_moved_again_stays(desk: Desk, leaving: Leaving, code: Path) -> None:
    desk.move_on_disk(code)
    with pytest.raises(CustodyError, match="was moved again in the meantime"):
        leaving.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github()


def test_a_token_whose_file_lost_it_stays(desk: Desk, leaving: Leaving, code: Path) -> None:
    code.write_text("print()\n")
    with pytest.raises(CustodyError, match="No file holds the value"):
        leaving.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github()


def test_a_token_that_a_file_refers_to_again_stays(desk: Desk, leaving: Leaving, code: Path) -> None:
    code.write_text(f'A = "{tokens.github()}"\nB = "{REFERENCE}"\n')
    with pytest.raises(CustodyError, match="still refers to"):
        leaving.remove_token(REFERENCE)
    assert desk.value(str(REFERENCE)) == tokens.github()
