"""Whatever stores a value, killed at any step or refused by the ledger: no list lacks a value that the keyring has.

The long tests try every step.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

import tokens
from cli_shell import TOKENWARD
from desk import Desk, tampered
from examples import fewer
from killed import Killer, kill_at
from tokenward.custody.ledger.events import Event
from tokenward.errors import StateDamaged, TokenwardError, VaultForgetful, VaultLocked, VaultTimeout
from tokenward.model import Reference, Secret, Span, Surface
from tokenward.operations.access.put import put
from tokenward.operations.context import Context, open_context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.recovery import recover
from tokenward.operations.stored.paste import PasteRequest, store_paste
from tokenward.operations.vault_choice import vault_config
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.sources.source import Origin, Source
from tokenward.vault.worker import VaultWorker

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")
NEXT = ("list", "get", "rm", "leave", "doctor")


def unknown(context: Context) -> set[Reference]:
    """Return what the keyring has without an entry, and without an announcement that names it."""
    known = {entry.reference for entry in context.entries.all()}
    begun = context.ledger.open_replacements()
    known |= {Reference(one.reference.workspace, str(one.detail["aside"])) for one in begun if one.reference}
    return set(context.vault.references() or ()) - known


@posix
def test_what_a_killed_put_stored_is_known_to_every_command(
    entered: Context, killer: Killer, tmp_path: Path
) -> None:
    """After each step, one of five commands comes next: it names, returns or deletes the value, or it is not there."""
    stood = set[tuple[str, bool]]()
    for step in killer.steps(stride=fewer(2, long=1)):
        folder = tmp_path / f"acme-{step}"
        folder.mkdir()
        secret, reference = Secret(tokens.github(step)), Reference(folder.name, "TOKEN")
        killer(step, folder, "put", "TOKEN", stdin=secret.reveal())
        assert unknown(entered) == set()
        is_stored, following = entered.vault.get(reference) == secret, NEXT[step // 2 % len(NEXT)]
        stood.add((following, is_stored))
        was_open = bool(entered.ledger.open_stores(reference))
        arguments = {"get": ["TOKEN"], "rm": ["--yes", "TOKEN"], "leave": ["--yes"]}.get(following, [])
        code = killer(0, folder, following, *arguments)
        if following == "get":
            assert killer.output.startswith(f"{secret.reveal()}\n" if is_stored else "tokenward: ")
        elif following == "rm":
            assert entered.vault.get(reference) is None
        elif is_stored and following in ("list", "leave"):
            assert "TOKEN" in killer.output
        elif following == "doctor":
            assert (f"The storing of {reference} was interrupted" in killer.output) == was_open
        if following in ("rm", "leave", "doctor"):
            assert entered.ledger.open_stores(reference) == ()
            assert (entered.entries.get(reference) is None) == (entered.vault.get(reference) is None)
        assert code in (0, 1, 2)
        assert unknown(entered) == set()
    assert {stored for _, stored in stood} == {True, False}
    assert {following for following, _ in stood} == set(NEXT)


@posix
@pytest.mark.parametrize(
    "command", [("rename", "A_TOKEN", "NEW"), ("put", "A_TOKEN", "--replace"), ("move", "app.py")], ids=str
)
def test_no_killed_command_leaves_a_value_without_an_entry(
    entered: Context, killer: Killer, tmp_path: Path, command: tuple[str, ...]
) -> None:
    for step in killer.steps(stride=fewer(3, long=1)):
        folder = tmp_path / f"acme-{step}"
        folder.mkdir()
        (folder / "app.py").write_text(f'GITHUB_TOKEN = "{tokens.github(("code", step))}"\n')
        put(entered, folder, "A_TOKEN", Secret(tokens.github(step)))
        killer(step, folder, *command, stdin=tokens.github(("new", step)))
        assert unknown(entered) == set()
        list(recover(entered, DiskEditor()))
        assert unknown(entered) == set()
        assert entered.ledger.open_stores() == ()
        kept = [entry.reference for entry in entered.entries.in_workspace(folder.name)]
        assert all(entered.vault.get(reference) for reference in kept)


@posix
def test_no_killed_paste_leaves_a_value_without_an_entry(
    entered: Context, killer: Killer, tmp_path: Path
) -> None:
    stood = set[bool]()
    step, ended = 1, None
    while ended != 0:
        folder = tmp_path / f"acme-{step}"
        folder.mkdir()
        source = Source("\n", Origin((folder / ".env").as_uri(), Surface.DOCUMENT, folder / ".env", None), 1)
        request = PasteRequest(source, folder, (Span(0, 0),), f"GITHUB_TOKEN={tokens.github(step)}\n")
        # Loaded before the fork, because threads of the engine do not survive one.
        entered.scanner.scan(Source(request.text, source.origin))
        ended = _paste_in_a_fork(entered, request, step)
        assert ended in (0, -signal.SIGKILL)
        assert unknown(entered) == set()
        stood.add(entered.vault.get(Reference(folder.name, "GITHUB_TOKEN")) is not None)
        list(recover(entered, DiskEditor()))
        assert entered.ledger.open_stores() == ()
        assert unknown(entered) == set()
        step += fewer(3, long=1)
    assert stood == {True, False}


def _paste_in_a_fork(entered: Context, request: PasteRequest, step: int) -> int:
    child = os.fork()
    if child == 0:
        places, code = Places.of_user(), 1
        with (
            contextlib.suppress(BaseException),
            closing(VaultWorker(vault_config(places, Settings()))) as vault,
        ):
            context = open_context(places, Settings(), entered.load_scanner, vault)
            sys.setprofile(kill_at(step, request.folder, Path.home()))
            store_paste(context, request, DiskEditor())
            sys.setprofile(None)
            code = 0
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def held(entered: Context) -> Callable[[], contextlib.closing[sqlite3.Connection]]:
    """Holds the ledger as another process that writes would."""

    def hold() -> contextlib.closing[sqlite3.Connection]:
        connection = sqlite3.connect(Places.of_user().ledger, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        return closing(connection)

    assert entered.ledger.records() == ()
    return hold


def test_nothing_is_stored_while_the_ledger_is_locked(
    entered: Context, killer: Killer, folder: Path, held: Callable[[], contextlib.closing[sqlite3.Connection]]
) -> None:
    """Neither by `put` nor by a rename or a replacement; once it is free, each works as before."""
    put(entered, folder, "OLD", Secret("an old value"))
    with held():
        for command in (["put", "NEW"], ["rename", "OLD", "NEW"], ["put", "OLD", "--replace"]):
            assert killer(0, folder, *command, stdin="a new value") == 2
            assert "ledger.db is locked by another program" in killer.output
            assert entered.vault.references() == {Reference("acme-api", "OLD")}
            assert unknown(entered) == set()
    assert killer(0, folder, "put", "NEW", stdin="a new value") == 0
    assert killer(0, folder, "put", "OLD", "--replace", stdin="a new value") == 0
    assert killer(0, folder, "rename", "OLD", "OTHER") == 0
    stored = {name: entered.vault.get(Reference("acme-api", name)) for name in ("NEW", "OTHER", "OLD")}
    assert stored == {"NEW": Secret("a new value"), "OTHER": Secret("a new value"), "OLD": None}


def test_24_puts_at_once_are_all_stored_and_known(
    unlocked: dict[str, str], entered: Context, folder: Path
) -> None:
    def store(number: int) -> int:
        command = [TOKENWARD, "put", f"TOKEN_{number}"]
        value = f"value {number}".encode()
        return subprocess.run(
            command, input=value, env=unlocked, cwd=folder, capture_output=True, check=False
        ).returncode

    with ThreadPoolExecutor(24) as pool:
        assert list(pool.map(store, range(24))) == [0] * 24
    names = {f"TOKEN_{number}" for number in range(24)}
    assert {entry.reference.name for entry in entered.entries.all()} == names
    assert {one.name for one in entered.vault.references() or ()} == names
    lines = (folder / ".env").read_text().splitlines()
    assert {line.partition("=")[0] for line in lines} == names
    assert entered.ledger.open_stores() == ()


TOKEN = Reference("acme-api", "TOKEN")


@pytest.mark.parametrize(
    ("part", "method", "failure"),
    [
        ("ledger", "confirm_put", StateDamaged("Locked.")),
        ("vault", "get", VaultLocked("Locked.")),
        ("vault", "put", VaultForgetful("Gone.")),
    ],
)
def test_what_fails_after_the_announcement_leaves_everything_as_before(
    desk: Desk, part: str, method: str, failure: TokenwardError
) -> None:
    def fail(*_: object) -> None:
        raise failure

    context = desk.context
    with tampered(getattr(context, part), method, fail), pytest.raises(type(failure)):
        put(context, desk.folder, TOKEN.name, Secret("value"))
    assert (desk.vault.get(TOKEN), context.entries.get(TOKEN), context.leases.get(TOKEN)) == (
        None,
        None,
        None,
    )
    assert desk.events() == [Event.PUT_STARTED, Event.PUT_UNDONE]
    put(context, desk.folder, TOKEN.name, Secret("value"))
    assert desk.value(str(TOKEN)) == "value"


@pytest.mark.parametrize("is_late", [True, False])
def test_a_keyring_that_answers_too_late_is_asked_by_the_next_command(desk: Desk, *, is_late: bool) -> None:
    def late(reference: Reference, secret: Secret, store: Callable[..., object]) -> None:
        if is_late:
            store(reference, secret)
        raise VaultTimeout("No answer.")

    with tampered(desk.vault, "put", late), pytest.raises(VaultTimeout):
        put(desk.context, desk.folder, TOKEN.name, Secret("value"))
    assert desk.context.entries.get(TOKEN) is not None
    (said,) = recover(desk.context, desk.editor)
    assert ("nothing is left to do" in said) == is_late
    assert (desk.context.entries.get(TOKEN) is not None) == is_late
    assert list(recover(desk.context, desk.editor)) == []


def test_a_value_that_could_not_be_deleted_again_stays_known(desk: Desk) -> None:
    def fail(*_: object) -> None:
        raise StateDamaged("Locked.")

    def locked(*_: object) -> None:
        raise VaultLocked("Locked.")

    context = desk.context
    failing = tampered(context.ledger, "confirm_put", fail), tampered(desk.vault, "delete", locked)
    with failing[0], failing[1], pytest.raises(StateDamaged):
        put(context, desk.folder, TOKEN.name, Secret("value"))
    assert context.entries.get(TOKEN) is not None
    assert "nothing is left to do" in next(recover(context, desk.editor))


def test_a_name_that_the_keyring_has_already_keeps_its_records(desk: Desk) -> None:
    """A refused `put` changes neither the entry of the other value nor makes one for a value that no record knows."""
    put(desk.context, desk.folder, TOKEN.name, Secret("value"))
    before = desk.context.entries.get(TOKEN)
    desk.hold("keyring://acme-api/STRANGE", "strange")
    for name in (TOKEN.name, "STRANGE"):
        with pytest.raises(Exception, match="already has another value"):
            put(desk.context, desk.folder, name, Secret("another"))
    assert desk.context.entries.all() == (before,)
    assert put(desk.context, desk.folder, TOKEN.name, Secret("value")) == (TOKEN, False)


def test_nobody_gets_a_value_without_a_record_by_storing_another_under_its_name(desk: Desk) -> None:
    """At no moment is there an entry that leads to it, also if the command is killed; who has the value gets one."""
    desk.hold(str(TOKEN), "value without a record")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with tampered(desk.vault, "put", killed), pytest.raises(KeyboardInterrupt):
        put(desk.context, desk.folder, TOKEN.name, Secret("a guess"))
    assert desk.context.entries.get(TOKEN) is None
    list(recover(desk.context, desk.editor))
    assert desk.context.entries.get(TOKEN) is None
    assert put(desk.context, desk.folder, TOKEN.name, Secret("value without a record")) == (TOKEN, False)
    assert desk.context.entries.get(TOKEN) is not None
