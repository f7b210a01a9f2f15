"""Nothing that an unfinished move or renaming may need is deleted, by whatever deletes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

import tokens
from desk import Desk, MemoryEditor
from tokenward.custody.lease import Lease
from tokenward.errors import CustodyError, EditUncertain
from tokenward.model import Reference, Secret
from tokenward.operations.rename import RenameRequest, rename
from tokenward.operations.store import put, remove
from tokenward.operations.sweeping import sweep

TOKEN = tokens.github("unfinished")
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")
RENAMED = Reference("acme-api", "DEPLOY_TOKEN")
TEXT = json.dumps({"github_token": TOKEN})


def moved_while(desk: Desk, meanwhile: Callable[[], object]) -> None:
    """A move during whose edit something else happens."""
    source = desk.editor.open(desk.folder / "a.json", TEXT)
    desk.move(source, editor=replace(desk.editor, before_edit=lambda: meanwhile() and None))


def test_no_rm_takes_the_value_that_an_edit_is_about_to_refer_to(desk: Desk) -> None:
    def refused() -> None:
        with pytest.raises(CustodyError, match="is not complete"):
            remove(desk.context, desk.folder, REFERENCE)

    moved_while(desk, refused)
    assert desk.value(str(REFERENCE)) == TOKEN
    assert remove(desk.context, desk.folder, REFERENCE)
    assert desk.value(str(REFERENCE)) is None


def test_no_sweep_takes_it_and_the_next_one_comes_back(desk: Desk) -> None:
    def swept() -> None:
        desk.context.leases.grant(REFERENCE, Lease(1, erases=True))
        assert sweep(desk.context) == ()

    moved_while(desk, swept)
    assert desk.value(str(REFERENCE)) == TOKEN
    assert sweep(desk.context) == (REFERENCE,)


def test_a_move_of_which_nothing_is_known_keeps_its_value_from_rm(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "a.json", TEXT)
    with pytest.raises(EditUncertain):
        desk.move(source, editor=replace(desk.editor, fail=EditUncertain("Nobody knows.")))
    with pytest.raises(CustodyError, match="tokenward doctor"):
        remove(desk.context, desk.folder, REFERENCE)
    assert desk.value(str(REFERENCE)) == TOKEN


@pytest.mark.parametrize("name", [REFERENCE, RENAMED])
def test_no_rm_takes_either_name_of_a_token_that_is_being_renamed(desk: Desk, name: Reference) -> None:
    put(desk.context, desk.folder, REFERENCE.name, Secret(TOKEN))
    source = desk.editor.open(desk.folder / ".env", f"GITHUB_TOKEN={REFERENCE}\n")

    def refused() -> None:
        with pytest.raises(CustodyError, match="is not complete"):
            remove(desk.context, desk.folder, name)

    editor: MemoryEditor = replace(desk.editor, before_edit=refused)
    rename(desk.context, RenameRequest(desk.folder, REFERENCE, RENAMED.name, [source]), editor)
    assert desk.value(str(RENAMED)) == TOKEN
    assert desk.editor.text(desk.folder / ".env") == f"GITHUB_TOKEN={RENAMED}\n"
