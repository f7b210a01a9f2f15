"""No deletion removes anything that an unfinished move or renaming may need."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

import tokens
from desk import Desk, MemoryEditor
from tokenward.custody.ledger.events import Event
from tokenward.errors import CustodyError, EditDeclined, EditRefused, EditUncertain, TokenwardError
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.move.move import move
from tokenward.operations.stored.remove import remove
from tokenward.operations.stored.rename import RenameRequest, rename
from tokenward.sources.source import Source

TOKEN = tokens.github("unfinished")
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")
RENAMED = Reference("acme-api", "DEPLOY_TOKEN")
TEXT = json.dumps({"github_token": TOKEN})


class Losing(MemoryEditor):
    """An editor that makes some edits, with an action before the first."""

    def __init__(self, buffers: dict[str, Source], lose: Callable[[], None], edits: int = 2) -> None:
        super().__init__(before_edit=lose, buffers=buffers)
        self._edits = edits

    def apply(self, files: Sequence[FileEdit], label: str) -> None:
        self.refuse = len(self.labels) >= self._edits
        super().apply(files, label)
        self.before_edit = None


def moved_while(desk: Desk, meanwhile: Callable[[], object]) -> None:
    """Make a move with another action during its edit."""
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


def test_a_move_of_which_nothing_is_known_keeps_its_value_from_rm(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "a.json", TEXT)
    with pytest.raises(EditUncertain):
        desk.move(source, editor=replace(desk.editor, fail=EditUncertain("Nobody knows.")))
    with pytest.raises(CustodyError, match="tokenward doctor"):
        remove(desk.context, desk.folder, REFERENCE)
    assert desk.value(str(REFERENCE)) == TOKEN


@pytest.mark.parametrize("failure", [EditDeclined("No."), EditUncertain("Nobody knows.")])
def test_a_token_whose_move_was_done_again_can_be_renamed_and_removed_at_once(
    desk: Desk, failure: TokenwardError
) -> None:
    source = desk.editor.open(desk.folder / "a.json", TEXT)
    with pytest.raises(type(failure)):
        desk.move(source, editor=replace(desk.editor, fail=failure))
    desk.move(source)
    sources = list(desk.editor.buffers.values())
    rename(desk.context, RenameRequest(desk.folder, REFERENCE, RENAMED.name, sources), desk.editor)
    assert desk.editor.text(desk.folder / "a.json") == json.dumps({"github_token": str(RENAMED)})
    rename(desk.context, RenameRequest(desk.folder, RENAMED, REFERENCE.name, []), desk.editor)
    assert remove(desk.context, desk.folder, REFERENCE)
    assert desk.value(str(REFERENCE)) is None


def test_a_move_that_was_done_again_in_another_file_keeps_its_value_from_rm(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "a.json", TEXT)
    with pytest.raises(EditDeclined):
        desk.move(source, editor=replace(desk.editor, fail=EditDeclined("No.")))
    desk.move(desk.editor.open(desk.folder / "b.json", TEXT))
    with pytest.raises(CustodyError, match="is not complete"):
        remove(desk.context, desk.folder, REFERENCE)


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


@pytest.mark.parametrize("name", ["app.py", "a.json"])
def test_a_value_that_is_deleted_before_the_edit_is_made_is_stored_again(desk: Desk, name: str) -> None:
    """Another program deletes it without asking."""
    text = TEXT if name == "a.json" else f'GITHUB_TOKEN = "{TOKEN}"\n'
    source, messages = desk.editor.open(desk.folder / name, text), list[str]()
    editor = replace(desk.editor, before_edit=lambda: desk.vault.delete(REFERENCE) and None)
    move(replace(desk.context, warn=messages.append), desk.request(source), editor)
    assert desk.value(str(REFERENCE)) == TOKEN
    assert TOKEN not in desk.editor.text(desk.folder / name)
    assert "was stored again" in messages[0]


def lose_for_good(desk: Desk) -> None:
    """Delete the value, and store another under its name."""
    desk.vault.delete(REFERENCE)
    desk.hold(str(REFERENCE), "somebody else's")


@pytest.mark.parametrize("name", ["app.py", "a.json"])
def test_an_edit_whose_value_cannot_be_stored_again_is_undone(desk: Desk, name: str) -> None:
    text = TEXT if name == "a.json" else f'GITHUB_TOKEN = "{TOKEN}"\n'
    source = desk.editor.open(desk.folder / name, text)
    with pytest.raises(EditRefused, match="is in its file as before"):
        desk.move(source, editor=Losing(desk.editor.buffers, lambda: lose_for_good(desk)))
    assert desk.editor.text(desk.folder / name) == text
    assert desk.value(str(REFERENCE)) == "somebody else's"
    assert desk.context.ledger.records()[-1].event is Event.MOVE_UNDONE


def test_an_edit_that_can_neither_be_kept_nor_undone_is_left_to_the_user_and_the_next_start(
    desk: Desk,
) -> None:
    source = desk.editor.open(desk.folder / "a.json", TEXT)
    with pytest.raises(EditUncertain, match="undo the edit in your editor"):
        desk.move(source, editor=Losing(desk.editor.buffers, lambda: lose_for_good(desk), edits=1))
    assert Event.MOVE_UNDONE not in [record.event for record in desk.context.ledger.records()]
