"""The transaction: where the value and the reference are after a move, and after a failed one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from desk import Desk, tampered
from tokenward.custody.ledger.events import Event
from tokenward.errors import (
    EditRefused,
    EditUncertain,
    FileChanged,
    NameTaken,
    RewriteRefused,
    StateDamaged,
    TokenGone,
    TokenwardError,
    VaultForgetful,
    VaultTimeout,
    VaultUnavailable,
)
from tokenward.model import Fingerprint, Reference, Secret, Surface
from tokenward.operations.move.move import move
from tokenward.settings import Settings
from tokenward.sources.source import Origin, Source

REFERENCE = "keyring://acme-api/GITHUB_TOKEN"


def assert_nothing_happened(desk: Desk, path: Path, text: str) -> None:
    """The text is as it was, the keyring and its records hold nothing, and no move is open."""
    assert desk.editor.text(path) == text
    assert desk.value(REFERENCE) is None
    assert desk.context.entries.all() == ()
    assert desk.events()[-1:] in ([], [Event.MOVE_UNDONE])


def test_one_of_several_occurrences_is_moved(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "c.json"
    source = desk.editor.open(path, json.dumps({"github_token": token, "b": token}))
    moved = desk.move(source)
    assert (moved.token, moved.reference) == ("GitHub token", Reference("acme-api", "GITHUB_TOKEN"))
    assert (moved.count, moved.files) == (1, ("c.json",))
    assert json.loads(desk.editor.text(path)) == {"github_token": REFERENCE, "b": token}
    assert desk.value(REFERENCE) == token
    assert desk.events() == [Event.MOVE_STARTED, Event.STORED, Event.MOVED]


def test_all_occurrences_are_moved_by_one_edit(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "c.json"
    source = desk.editor.open(path, json.dumps({"github_token": token, "b": [token, f"Bearer {token}"]}))
    assert desk.move(source, everywhere=True).count == 3
    assert json.loads(desk.editor.text(path)) == {
        "github_token": REFERENCE,
        "b": [REFERENCE, f"Bearer {REFERENCE}"],
    }
    assert len(desk.editor.labels) == 1


def test_the_same_value_twice_is_one_entry(desk: Desk) -> None:
    token = tokens.github()
    first, second = desk.folder / "a.json", desk.folder / "b.json"
    desk.move(desk.editor.open(first, json.dumps({"github_token": token})))
    desk.move(desk.editor.open(second, json.dumps({"deploy_token": token})))
    assert json.loads(desk.editor.text(second)) == {"deploy_token": REFERENCE}
    assert [str(entry.reference) for entry in desk.context.entries.all()] == [REFERENCE]


def test_another_value_gets_the_next_name(desk: Desk) -> None:
    for number in (1, 2, 3):
        path = desk.folder / f"{number}.json"
        desk.move(desk.editor.open(path, json.dumps({"github_token": tokens.github(number)})))
    assert [desk.value(f"{REFERENCE}{suffix}") for suffix in ("", "_2", "_3")] == [
        tokens.github(number) for number in (1, 2, 3)
    ]


def test_no_entry_is_overwritten_that_the_records_do_not_know(desk: Desk) -> None:
    desk.hold(REFERENCE, "somebody else's")
    path = desk.folder / "a.json"
    moved = desk.move(desk.editor.open(path, json.dumps({"github_token": tokens.github()})))
    assert moved.reference.name == "GITHUB_TOKEN_2"
    assert desk.value(REFERENCE) == "somebody else's"


def test_an_entry_that_the_records_do_not_know_but_holds_the_value_is_used(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "a.json"
    desk.hold(REFERENCE, token)
    assert str(desk.move(desk.editor.open(path, json.dumps({"github_token": token}))).reference) == REFERENCE
    assert len(desk.context.entries.all()) == 1


def test_a_chosen_name_of_another_value_is_refused(desk: Desk) -> None:
    desk.hold("keyring://acme-api/CHOSEN", "somebody else's")
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})
    with pytest.raises(NameTaken):
        desk.move(desk.editor.open(path, text), name="CHOSEN")
    assert_nothing_happened(desk, path, text)
    assert desk.value("keyring://acme-api/CHOSEN") == "somebody else's"


def test_trying_names_comes_to_an_end(desk: Desk) -> None:
    for number in range(1, 40):
        desk.hold(REFERENCE if number == 1 else f"{REFERENCE}_{number}", "somebody else's")
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})
    with pytest.raises(NameTaken):
        desk.move(desk.editor.open(path, text))
    assert desk.editor.text(path) == text


def test_the_value_is_in_the_vault_before_the_editor_is_asked(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "a.json"
    seen: list[str | None] = []
    desk.editor.before_edit = lambda: seen.append(desk.value(REFERENCE))
    desk.move(desk.editor.open(path, json.dumps({"github_token": token})))
    assert seen == [token]


@pytest.mark.parametrize("name", [None, "CHOSEN"])
def test_a_refused_edit_leaves_nothing_behind(desk: Desk, name: str | None) -> None:
    path, text = desk.folder / "app.py", f'GITHUB_TOKEN = "{tokens.github()}"\n'
    desk.editor.refuse = True
    with pytest.raises(EditRefused):
        desk.move(desk.editor.open(path, text), name=name)
    assert_nothing_happened(desk, path, text)
    assert desk.value("keyring://acme-api/CHOSEN") is None


def test_a_refused_edit_leaves_an_entry_that_was_there_before(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "a.json"
    desk.move(desk.editor.open(path, json.dumps({"github_token": token})))
    desk.editor.refuse = True
    with pytest.raises(EditRefused):
        desk.move(desk.editor.open(desk.folder / "b.json", json.dumps({"github_token": token})))
    assert desk.value(REFERENCE) == token
    assert len(desk.context.entries.all()) == 1


def test_a_text_that_changed_before_the_edit_keeps_its_token_and_the_keyring_nothing(desk: Desk) -> None:
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})
    desk.editor.before_edit = lambda: desk.editor.type(path, f"\n{text}")
    with pytest.raises(EditRefused):
        desk.move(desk.editor.open(path, text))
    assert_nothing_happened(desk, path, f"\n{text}")


@pytest.mark.parametrize("times", [1, 25])
def test_a_file_beside_it_that_changed_is_planned_for_anew_but_not_for_ever(desk: Desk, times: int) -> None:
    """Another editor's move may add its line to `.env` at any moment."""
    token, path, env = tokens.github(), desk.folder / "app.py", desk.folder / ".env"
    desk.editor.open(env, "OTHER=1\n")
    changes: list[str] = []

    def change() -> None:
        if len(changes) < times:
            changes.append(f"OTHER=1\nMORE={len(changes)}\n")
            desk.editor.type(env, changes[-1])
            raise FileChanged("changed")

    desk.editor.before_edit = change
    source = desk.editor.open(path, f'GITHUB_TOKEN = "{token}"\n')
    if times == 1:
        desk.move(source)
        assert desk.editor.text(env) == f"{changes[0]}GITHUB_TOKEN={REFERENCE}\n"
        assert desk.value(REFERENCE) == token
    else:
        with pytest.raises(FileChanged):
            desk.move(source)
        assert len(changes) < times
        assert desk.value(REFERENCE) is None


def test_a_token_that_vanished_during_a_refused_edit_is_kept_in_the_keyring(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "a.json"
    desk.editor.before_edit = lambda: desk.editor.type(path, "{}")
    with pytest.raises(EditUncertain, match=REFERENCE):
        desk.move(desk.editor.open(path, json.dumps({"github_token": token})))
    assert desk.value(REFERENCE) == token


def test_a_value_is_kept_when_a_refused_edit_was_made_in_part(desk: Desk) -> None:
    """An editor that wrote `.env` and then failed has left a reference, which must resolve."""
    token, path, env = tokens.github(), desk.folder / "app.py", desk.folder / ".env"
    source = desk.editor.open(path, f'GITHUB_TOKEN = "{token}"\n')
    desk.editor.refuse = True
    desk.editor.before_edit = lambda: desk.editor.open(env, f"GITHUB_TOKEN={REFERENCE}\n") and None
    with pytest.raises(EditUncertain):
        desk.move(source)
    assert desk.value(REFERENCE) == token


def test_an_editor_that_does_not_answer_costs_no_value(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "a.json"
    desk.editor.fail = EditUncertain("The editor did not say.")
    with pytest.raises(EditUncertain):
        desk.move(desk.editor.open(path, json.dumps({"github_token": token})))
    assert desk.value(REFERENCE) == token
    assert Event.MOVE_UNDONE not in desk.events()


def test_a_fault_of_ours_in_the_editor_costs_no_value(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "a.json"
    desk.editor.fail = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        desk.move(desk.editor.open(path, json.dumps({"github_token": token})))
    assert desk.value(REFERENCE) == token


@pytest.mark.parametrize("failure", [VaultUnavailable, VaultForgetful, VaultTimeout])
def test_no_edit_is_asked_for_when_the_keyring_fails(desk: Desk, failure: type[TokenwardError]) -> None:
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})

    def fail(*_: object) -> bool:
        raise failure("No.")

    with tampered(desk.vault, "put", fail), pytest.raises(failure):
        desk.move(desk.editor.open(path, text))
    assert desk.editor.text(path) == text
    assert desk.editor.labels == []


def test_a_spoilt_copy_is_not_left_in_the_keyring(desk: Desk) -> None:
    """A keyring that returns another value than it was given stores no part of it."""
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})

    def spoil(reference: Reference, _: Secret, put: Callable[[Reference, Secret], bool]) -> bool:
        put(reference, Secret("half of it"))
        raise VaultForgetful("It did not give it back.")

    with tampered(desk.vault, "put", spoil), pytest.raises(VaultForgetful):
        desk.move(desk.editor.open(path, text))
    assert_nothing_happened(desk, path, text)


def test_a_keyring_that_was_given_up_may_have_the_value_so_the_move_stays_open(desk: Desk) -> None:
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})

    def store_and_hang(
        reference: Reference, secret: Secret, put: Callable[[Reference, Secret], bool]
    ) -> bool:
        put(reference, secret)
        raise VaultTimeout("It did not answer.")

    with tampered(desk.vault, "put", store_and_hang), pytest.raises(VaultTimeout):
        desk.move(desk.editor.open(path, text))
    assert desk.events() == [Event.MOVE_STARTED]


def test_a_keyring_that_does_not_delete_is_told_of(desk: Desk) -> None:
    """The user learns that the value is in the keyring too, and how to remove it."""
    token, path = tokens.github(), desk.folder / "a.json"

    def fail(*_: object) -> bool:
        raise VaultUnavailable("No.")

    desk.editor.refuse = True
    with tampered(desk.vault, "delete", fail), pytest.raises(EditRefused, match="tokenward rm GITHUB_TOKEN"):
        desk.move(desk.editor.open(path, json.dumps({"github_token": token})))
    assert desk.value(REFERENCE) == token
    assert len(desk.context.entries.all()) == 1


def test_a_move_that_cannot_be_announced_stores_nothing(desk: Desk) -> None:
    path, text = desk.folder / "a.json", json.dumps({"github_token": tokens.github()})
    desk.places.ledger.mkdir(parents=True)
    with pytest.raises(StateDamaged):
        desk.move(desk.editor.open(path, text))
    assert desk.editor.text(path) == text
    assert desk.value(REFERENCE) is None


def test_a_move_is_done_even_if_its_end_cannot_be_recorded(desk: Desk) -> None:
    """The value and the reference are in place; the user is not shown a failure."""
    token, path = tokens.github(), desk.folder / "a.json"
    source = desk.editor.open(path, json.dumps({"github_token": token}))
    desk.editor.before_edit = lambda: desk.places.ledger.write_bytes(b"no database") and None
    assert str(desk.move(source).reference) == REFERENCE
    assert json.loads(desk.editor.text(path)) == {"github_token": REFERENCE}
    assert desk.value(REFERENCE) == token


def test_a_token_that_is_gone_is_not_moved(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "a.json", json.dumps({"github_token": tokens.github()}))
    request = desk.request(source)
    for changed in (
        replace(request, source=replace(source, text="{}")),
        replace(request, fingerprint=Fingerprint("0" * 32)),
        replace(request, source=replace(source, text=f" {source.text}")),
    ):
        with pytest.raises(TokenGone):
            move(desk.context, changed, desk.editor)
    assert desk.events() == []


def test_a_token_with_uncertain_borders_is_not_moved(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "a.json", json.dumps({"github_token": f"{tokens.github()}.x"}))
    assert [finding.whole for finding in desk.findings(source)] == [False]
    with pytest.raises(RewriteRefused, match="tokenward put"):
        desk.move(source)


def test_a_file_of_unknown_language_is_refused_with_the_next_step(desk: Desk) -> None:
    source = desk.editor.open(desk.folder / "notes.xyz", f"token {tokens.github()}\n")
    with pytest.raises(RewriteRefused, match="tokenward put"):
        desk.move(source)
    assert desk.events() == []


def test_a_workspace_is_called_by_its_folder_and_a_namesake_gets_a_number(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "acme-api"
    other.mkdir(parents=True)
    desk.move(desk.editor.open(desk.folder / "a.json", json.dumps({"github_token": tokens.github(1)})))
    desk.folder = other
    moved = desk.move(desk.editor.open(other / "a.json", json.dumps({"github_token": tokens.github(2)})))
    assert str(moved.reference) == "keyring://acme-api-2/GITHUB_TOKEN"
    assert desk.value(REFERENCE) == tokens.github(1)


def test_a_workspace_file_that_claims_another_name_gets_a_free_one(desk: Desk, tmp_path: Path) -> None:
    """A clone that calls itself `acme-api` neither reads nor writes that workspace's entries."""
    other = tmp_path / "clone"
    other.mkdir()
    desk.move(desk.editor.open(desk.folder / "a.json", json.dumps({"github_token": tokens.github(1)})))
    desk.folder, desk.settings = other, Settings(workspace_name="acme-api")
    moved = desk.move(desk.editor.open(other / "a.json", json.dumps({"github_token": tokens.github(2)})))
    assert moved.reference.workspace == "acme-api-2"


def test_an_untitled_text_is_moved_in_its_buffer(desk: Desk) -> None:
    token = tokens.github()
    origin = Origin("untitled:Untitled-1", Surface.DOCUMENT, None, "json")
    source = desk.editor.show(Source(json.dumps({"github_token": token}), origin, 1))
    assert desk.move(source).files == ("Untitled-1",)
    assert json.loads(desk.editor.buffers[origin.uri].text) == {"github_token": REFERENCE}


def test_a_hostile_file_name_is_shown_without_what_moves_a_cursor(desk: Desk) -> None:
    path = desk.folder / "a\n\x1b[2J.json"
    moved = desk.move(desk.editor.open(path, json.dumps({"github_token": tokens.github()})))
    assert moved.files == ("a??[2J.json",)


def test_no_record_of_a_move_holds_the_value_or_a_part_of_it(desk: Desk) -> None:
    token, path = tokens.github(), desk.folder / "app.py"
    desk.move(desk.editor.open(path, f'GITHUB_TOKEN = "{token}"\n'))
    written = b"".join(file.read_bytes() for file in desk.places.data_dir.iterdir())
    assert b"GITHUB_TOKEN" in written
    pieces = {token[start : start + 8].encode() for start in range(len(token) - 8)}
    assert [piece for piece in pieces if piece in written] == []


@pytest.mark.parametrize("before", ["", "my "])
@pytest.mark.parametrize("key", [tokens.github(), tokens.anthropic(), tokens.gitlab()])
def test_a_key_that_is_a_token_itself_gives_no_name(desk: Desk, key: str, before: str) -> None:
    """Names are shown, recorded and stored unprotected."""
    source = desk.editor.open(desk.folder / "a.json", json.dumps({before + key: tokens.npm()}))
    index = [finding.provider for finding in desk.findings(source)].index("npm")
    assert desk.move(source, index).reference.name == "NPM_TOKEN"


def test_a_suggested_name_that_repeats_a_part_of_another_token_is_not_used(desk: Desk) -> None:
    """It may come from an offer that was worked out without the whole file."""
    other = tokens.github(1)
    source = desk.editor.open(desk.folder / "app.py", f'a = "{tokens.npm()}"\nb = "{other}"\n')
    start = next(at for at in range(4, 20) if other[at].isalpha())
    request = replace(desk.request(source), suggested=other[start : start + 14].upper())
    assert move(desk.context, request, desk.editor).reference.name == "NPM_TOKEN"


def test_a_password_in_the_url_of_an_environment_file_has_a_name_of_its_own(desk: Desk) -> None:
    path = desk.folder / ".env"
    path.write_text("DATABASE_URL=postgres:" + "//app:hT5kVw9Qz2LmXc7B@db.example.com/app\n")
    result = desk.move_on_disk(path)
    assert result.reference.name == "DATABASE_PASSWORD"
