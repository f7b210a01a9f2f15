"""Recovery after a crash: each interrupted state of a move is described correctly, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import tokens
from desk import Desk, MemoryEditor, tampered
from tokenward.custody.ledger.events import Event
from tokenward.errors import EditDeclined, VaultLocked
from tokenward.model import Reference, Secret, Surface
from tokenward.operations.access.put import put
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.workplace import Workplace
from tokenward.operations.move.restore import restore
from tokenward.operations.recovery import recover
from tokenward.operations.stored.remove import remove
from tokenward.sources.source import Origin, Source

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="a process that dies in the middle is made by fork"
)

TOKEN = tokens.github("recover")
REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
CODE = f'import os\nGITHUB_TOKEN = "{TOKEN}"\n'
MOVED = 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'


class DyingEditor(DiskEditor):
    """An editor that makes the first edits of a move before its process dies."""

    def __init__(self, edits: int) -> None:
        super().__init__()
        self._edits = edits

    def apply(self, files: object, label: str) -> None:
        assert isinstance(files, tuple)
        super().apply(files[: self._edits], label)
        os._exit(0)


def in_a_process_that_dies(work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0


def cut_off(desk: Desk, path: Path, edits: int) -> None:
    """Cut off a move after some of its edits; the vault of this process gets the values that it stored."""
    source = desk.disk.read(path)
    assert source is not None
    # Loaded before the fork, because threads of the engine do not survive one.
    desk.findings(source)
    in_a_process_that_dies(lambda: desk.move(source, editor=DyingEditor(edits)))
    desk.hold(REFERENCE, TOKEN)


def said(desk: Desk) -> list[str]:
    return list(recover(desk.context, desk.disk))


@pytest.fixture
def app(desk: Desk) -> Path:
    path = desk.folder / "app.py"
    path.write_text(CODE)
    return path


@pytest.mark.parametrize("edits", [0, 1])
def test_before_the_code_was_edited_the_token_stands_in_both(desk: Desk, app: Path, edits: int) -> None:
    cut_off(desk, app, edits)
    where = "the token is in both the keyring and the file, so move it again."
    assert said(desk) == [f"A move of {REFERENCE} out of {app} was interrupted; {where}"]
    assert app.read_text() == CODE
    assert desk.value(REFERENCE) == TOKEN
    assert said(desk) == []
    desk.move_on_disk(app)
    assert app.read_text() == MOVED
    assert (desk.folder / ".env").read_text() == f"GITHUB_TOKEN={REFERENCE}\n"


def test_after_the_edit_the_move_is_confirmed_and_can_be_restored(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 2)
    (sentence,) = said(desk)
    assert sentence.endswith(
        "the token is in the keyring and its reference in the file, so nothing is left to do."
    )
    assert desk.events()[-1] == Event.MOVED
    assert [entry.fingerprint for entry in desk.context.entries.all()]
    assert [r.name for r in restore(desk.context, desk.folder, app, desk.disk, None)] == ["GITHUB_TOKEN"]
    assert app.read_text() == CODE


def test_an_edited_file_that_was_edited_further_is_known_by_its_reference(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 2)
    app.write_text("# new\n" + app.read_text())
    assert "nothing is left to do" in said(desk)[0]


def test_one_of_two_occurrences_is_confirmed_though_the_other_still_stands(desk: Desk) -> None:
    path = desk.folder / "c.json"
    path.write_text(f'{{"github_token": "{TOKEN}", "b": "{TOKEN}"}}')
    cut_off(desk, path, 1)
    assert path.read_text() == f'{{"github_token": "{REFERENCE}", "b": "{TOKEN}"}}'
    assert "nothing is left to do" in said(desk)[0]


def test_code_that_read_the_variable_already_does_not_pass_for_edited(desk: Desk, app: Path) -> None:
    app.write_text(CODE + 'print(os.environ["GITHUB_TOKEN"])\n')
    cut_off(desk, app, 0)
    assert "both the keyring and the file" in said(desk)[0]


def test_nothing_stored_means_the_file_as_before(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 0)
    desk.vault._entries.clear()
    assert said(desk)[0].endswith("the token is in the file as before.")


def test_another_value_under_the_name_does_not_pass_for_the_token(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 0)
    desk.vault._entries.clear()
    desk.hold(REFERENCE, "somebody else's")
    assert said(desk)[0].endswith("the token is in the file as before.")


def test_a_file_that_is_gone_is_said_to_be_unreadable(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 0)
    app.unlink()
    assert "the token is in the keyring" in said(desk)[0]
    assert desk.value(REFERENCE) == TOKEN


def test_a_token_that_is_nowhere_is_told_of(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 2)
    desk.vault._entries.clear()
    assert "neither in the keyring nor found in the file" in said(desk)[0]


def test_a_keyring_that_cannot_be_asked_is_asked_again_the_next_time(desk: Desk, app: Path) -> None:
    cut_off(desk, app, 0)

    def locked(*_: object) -> None:
        raise VaultLocked("No.")

    with tampered(desk.vault, "get", locked):
        for _ in range(2):
            assert "the keyring is unavailable now" in said(desk)[0]
    assert "both the keyring and the file" in said(desk)[0]


def test_a_move_that_was_done_again_since_is_settled_without_a_word(desk: Desk, app: Path) -> None:
    """A restore undoes the later one, once."""
    cut_off(desk, app, 0)
    desk.move_on_disk(app)
    assert said(desk) == []
    assert [r.name for r in restore(desk.context, desk.folder, app, desk.disk, None)] == ["GITHUB_TOKEN"]
    assert app.read_text() == CODE


def test_a_copy_that_a_cut_off_write_left_is_removed(desk: Desk, app: Path) -> None:
    """It would contain the file's other tokens."""
    cut_off(desk, app, 0)
    left = Workplace(desk.folder / ".tokenward-12ab.tmp")
    left.folder.mkdir()
    left.mark.write_text("*\n")
    left.content.write_text(CODE)
    said(desk)
    assert not left.folder.exists()
    assert app.read_text() == CODE


def test_a_move_of_a_living_process_is_left_alone(desk: Desk, app: Path) -> None:
    seen: list[list[str]] = []
    editor = MemoryEditor(before_edit=lambda: seen.append(said(desk)))
    source = editor.open(app, CODE)
    desk.move(source, editor=editor)
    assert seen == [[]]
    assert desk.events()[-1] == Event.MOVED


def test_a_name_that_is_not_utf_8_is_found_again_and_shown_safely(desk: Desk) -> None:
    path = Path(os.fsdecode(os.fsencode(desk.folder) + b"/a\xff\n\x1b[2J.json"))
    path.write_text(f'{{"github_token": "{TOKEN}"}}')
    cut_off(desk, path, 1)
    (sentence,) = said(desk)
    assert "nothing is left to do" in sentence
    assert sentence.isprintable()
    assert [r.name for r in restore(desk.context, desk.folder, path, desk.disk, None)] == ["GITHUB_TOKEN"]
    assert path.read_text() == f'{{"github_token": "{TOKEN}"}}'


def test_an_untitled_text_is_judged_by_the_keyring_alone(desk: Desk) -> None:
    source = Source(f'{{"github_token": "{TOKEN}"}}', Origin("untitled:1", Surface.DOCUMENT, None, "json"), 1)
    desk.findings(source)

    class Dying(MemoryEditor):
        def apply(self, files: object, label: str) -> None:
            os._exit(0)

    in_a_process_that_dies(lambda: desk.move(source, editor=Dying()))
    desk.hold(REFERENCE, TOKEN)
    assert "the file, unreadable now" in said(desk)[0]


class Declining(DiskEditor):
    """An editor that says that it made no edit, and whose process ends later."""

    def apply(self, files: object, label: str) -> None:
        raise EditDeclined("No.")


def test_nothing_goes_that_a_declined_edit_stored_whoever_stored_it_too(desk: Desk, app: Path) -> None:
    """A move that was declined twice is reported once."""
    source = desk.disk.read(app)
    assert source is not None
    desk.findings(source)

    def decline() -> None:
        for _ in range(2):
            with contextlib.suppress(EditDeclined):
                desk.move(source, editor=Declining())
            put(desk.context, desk.folder, "GITHUB_TOKEN", Secret(TOKEN))
        os._exit(0)

    in_a_process_that_dies(decline)
    desk.hold(REFERENCE, TOKEN)
    (sentence,) = said(desk)
    assert "the token is in both the keyring and the file" in sentence
    assert desk.value(REFERENCE) == TOKEN
    assert said(desk) == []
    assert remove(desk.context, desk.folder, Reference("acme-api", "GITHUB_TOKEN"))
