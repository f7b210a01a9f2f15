"""A program that an editor starts gets all its references resolved, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.custody.leases.lease import Lease, Program
from tokenward.custody.ledger.events import Event
from tokenward.errors import (
    EntryMissing,
    ProgramNotAllowed,
    SettingsError,
    TokenwardError,
    WorkspaceElsewhere,
)
from tokenward.model import Reference, Secret
from tokenward.operations.access.grant_lease import change_lease
from tokenward.operations.access.put import put
from tokenward.operations.run.launch import Launch, Start, read_start, resolve_start
from tokenward.operations.use import Purpose, Use

TOKEN = tokens.github("launch")
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")


@pytest.fixture(autouse=True)
def _stored(desk: Desk) -> None:
    put(desk.context, desk.folder, "GITHUB_TOKEN", Secret(TOKEN))


def start(
    *args: str, env: dict[str, str] | None = None, files: tuple[Path, ...] = (), program: str | None = None
) -> Start:
    return Start(env or {}, files, args, program)


def launched(
    desk: Desk, wanted: Start, folder: Path | None = None, base: dict[str, str] | None = None
) -> Launch:
    use = Use.own(Purpose.LAUNCH, None if wanted.program is None else Path(wanted.program))
    return resolve_start(desk.context, folder or desk.folder, read_start(wanted, base or {}), use)


def write(desk: Desk, name: str, text: str) -> Path:
    path = desk.folder / name
    path.write_text(text)
    return path


def test_variables_and_arguments_are_resolved(desk: Desk) -> None:
    wanted = start(
        "--token", str(REFERENCE), f"x={REFERENCE}", env={"T": str(REFERENCE), "U": f"a:{REFERENCE}@h"}
    )
    assert launched(desk, wanted) == Launch(
        {"T": TOKEN, "U": f"a:{TOKEN}@h"}, ("--token", TOKEN, f"x={TOKEN}")
    )
    record = desk.context.ledger.records()[-1]
    assert (record.event, record.detail["purpose"]) == (Event.RESOLVED, "launch")


def test_the_last_file_counts_and_over_all_of_them_what_the_editor_gives(desk: Desk) -> None:
    files = (
        write(desk, "1.env", f"A=1\nB=1\nC=1\nT={REFERENCE}\n"),
        write(desk, "2.env", "B=2\nC=2\nURL=https://${T}@h/${OUTER}\n"),
        desk.folder / "none.env",
    )
    found = launched(desk, start(env={"C": "3", "D": "${A}"}, files=files), base={"OUTER": "o", "X": "x"})
    assert found.env == {"A": "1", "B": "2", "C": "3", "D": "${A}", "T": TOKEN, "URL": f"https://{TOKEN}@h/o"}


def test_what_is_assigned_and_then_replaced_is_not_asked_for(desk: Desk) -> None:
    file = write(desk, "1.env", "T=keyring://acme-api/NOT_STORED\n")
    marked = read_start(start(env={"T": "plain"}, files=(file,)), {"Y": str(REFERENCE)})
    assert marked.references == ()


def test_all_references_are_resolved_or_none(desk: Desk) -> None:
    with pytest.raises(EntryMissing, match="NOT_STORED"):
        launched(desk, start(str(REFERENCE), "keyring://acme-api/NOT_STORED"))
    assert [one.event for one in desk.context.ledger.records()].count(Event.RESOLVED) == 0


def test_another_folder_gets_nothing(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceElsewhere):
        launched(desk, start(str(REFERENCE)), folder=tmp_path)


@pytest.mark.parametrize("program", [None, "/bin/ls"])
def test_a_token_for_one_program_is_for_no_other(desk: Desk, program: str | None) -> None:
    allowed = Path("/bin/cat")
    change_lease(desk.context, desk.folder, REFERENCE, Lease(programs=(Program.of(allowed),)))
    assert launched(desk, start(str(REFERENCE), program=str(allowed))).args == (TOKEN,)
    with pytest.raises(ProgramNotAllowed, match="/ls" if program else "programs that the editor starts"):
        launched(desk, start(str(REFERENCE), program=program))


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (start("keyring://no reference"), "An argument"),
        (start(env={"URL": "xkeyring://acme-api/GITHUB_TOKEN"}), "URL"),
    ],
)
def test_what_looks_like_a_reference_and_is_none_is_named(desk: Desk, wanted: Start, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        launched(desk, wanted)


def test_a_value_that_no_program_can_be_given_is_not_sent_on(desk: Desk) -> None:
    """The program's launcher might show it in an error message."""
    put(desk.context, desk.folder, "ODD", Secret("a\0b"))
    for wanted in (start("keyring://acme-api/ODD"), start(env={"X": "keyring://acme-api/ODD"})):
        with pytest.raises(TokenwardError, match="NUL") as failure:
            launched(desk, wanted)
        assert "a\0b" not in str(failure.value)


def test_values_are_not_resolved_again(desk: Desk) -> None:
    put(desk.context, desk.folder, "LOOP", Secret(str(REFERENCE)))
    assert launched(desk, start("keyring://acme-api/LOOP")).args == (str(REFERENCE),)


def test_nothing_that_holds_values_shows_them(desk: Desk) -> None:
    assert TOKEN not in repr(launched(desk, start(str(REFERENCE), env={"T": str(REFERENCE)})))
