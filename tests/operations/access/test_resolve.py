"""Resolving references: only in their own workspace, and in bounded time for any `.env`."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
from dotenv.main import resolve_variables
from dotenv.parser import parse_stream
from hypothesis import given
from hypothesis import strategies as st

import tokens
from desk import Desk, tampered
from tokenward.custody.ledger.events import Event
from tokenward.errors import (
    EntryMissing,
    SettingsError,
    TokenwardError,
    WorkspaceElsewhere,
    WorkspaceUnbound,
)
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.access.resolve import resolve
from tokenward.operations.environment_files.find_files import EnvironmentFiles
from tokenward.operations.run.environment import (
    LARGEST_ENVIRONMENT,
    EnvironmentRequest,
    environment_for,
    read_env_file,
)
from tokenward.operations.use import Purpose, Use

TOKEN = tokens.github("resolve")
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")
USE = Use.own(Purpose.RUN)


@pytest.fixture(autouse=True)
def _stored(desk: Desk) -> None:
    put(desk.context, desk.folder, "GITHUB_TOKEN", Secret(TOKEN))


def wanted(*files: Path) -> EnvironmentRequest:
    return EnvironmentRequest(EnvironmentFiles.named(files, files[0].parent))


def environment(desk: Desk, text: str, base: dict[str, str] | None = None) -> dict[str, str]:
    env = desk.folder / ".env"
    env.write_text(text)
    return environment_for(desk.context, desk.folder, wanted(env), base or {}, USE).variables


def last_event(desk: Desk) -> Event:
    return desk.context.ledger.records()[-1].event


def test_a_reference_resolves_where_it_belongs_and_that_is_on_record(desk: Desk) -> None:
    assert resolve(desk.context, desk.folder, REFERENCE, USE).reveal() == TOKEN
    assert last_event(desk) == Event.RESOLVED


@pytest.mark.parametrize(
    ("reference", "failure"),
    [
        (Reference("acme-api", "OTHER"), EntryMissing),
        (Reference("nobodys", "GITHUB_TOKEN"), WorkspaceUnbound),
    ],
)
def test_what_does_not_resolve_is_named_and_on_record(
    desk: Desk, reference: Reference, failure: type[TokenwardError]
) -> None:
    with pytest.raises(failure, match=reference.workspace):
        resolve(desk.context, desk.folder, reference, USE)
    assert last_event(desk) == Event.REFUSED


def test_another_folder_gets_nothing(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceElsewhere, match="tokenward bind acme-api"):
        resolve(desk.context, tmp_path, REFERENCE, USE)
    assert last_event(desk) == Event.REFUSED


def test_the_environment_is_the_base_under_the_files_with_references_resolved(desk: Desk) -> None:
    base = {"PATH": "/bin", "A": "base", "OWN": str(REFERENCE)}
    assert environment(desk, f"A=file\nT={REFERENCE}\nURL=https://x:{REFERENCE}@h\nEMPTY=\nNONE\n", base) == {
        "PATH": "/bin",
        "A": "file",
        "OWN": TOKEN,
        "T": TOKEN,
        "URL": f"https://x:{TOKEN}@h",
        "EMPTY": "",
    }


def test_a_later_file_wins_and_sees_the_earlier_one(desk: Desk) -> None:
    first, second = desk.folder / "1.env", desk.folder / "2.env"
    first.write_text("A=1\nB=1\n")
    second.write_text("B=2\nC=${A}${B}\n")
    found = environment_for(desk.context, desk.folder, wanted(first, second), {}, USE)
    assert found.variables == {"A": "1", "B": "2", "C": "12"}


def test_an_expansion_sees_the_given_base_and_not_the_environment_of_this_process(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository's `.env` must not reach variables withheld from the base, above all the vault's passphrase."""
    monkeypatch.setenv("TOKENWARD_VAULT_PASSPHRASE", "correct horse")
    assert environment(desk, "A=${TOKENWARD_VAULT_PASSPHRASE}\nB=${GIVEN}", {"GIVEN": "1"}) == {
        "A": "",
        "B": "1",
        "GIVEN": "1",
    }


@given(
    text=st.lists(
        st.tuples(
            st.sampled_from(["A", "B", "C", "export D"]),
            st.lists(
                st.sampled_from([*"ab$:- '\"#\\\n=", "${A}", "${B}", "${X:-d}", "${X}"]), max_size=8
            ).map("".join),
        ).map("=".join),
        max_size=6,
    ).map("\n".join)
)
def test_a_file_is_read_as_python_dotenv_reads_it(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "compared.env"
    path.write_text(text)
    # A name without `=` changes nothing here; python-dotenv takes back what was assigned before.
    assigned = [(b.key, b.value) for b in parse_stream(StringIO(text)) if b.key and b.value is not None]
    assert read_env_file(path, os.environ) == resolve_variables(assigned, override=True)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_file_is_read_in_the_encoding_that_its_byte_order_mark_names(desk: Desk, codec: str) -> None:
    mark = "\ufeff" if codec == "utf-16-be" else ""
    (desk.folder / ".env").write_bytes(f"{mark}A={REFERENCE}\r\nB=é\r\n".encode(codec))
    found = environment_for(desk.context, desk.folder, wanted(desk.folder / ".env"), {}, USE)
    assert found.variables == {"A": TOKEN, "B": "é"}


@pytest.mark.parametrize("unit", [" ", "$", "${", "${A", "${A:-", "'", '"', "`", "\\", "#", "keyring:/", "}"])
@pytest.mark.parametrize("before", ["A=x", "A='", "A=`"])
def test_no_file_takes_more_than_linear_time(tmp_path: Path, before: str, unit: str) -> None:
    # With a step for each pair of characters this would take days.
    path = tmp_path / "hostile.env"
    path.write_text(f"{before}{unit * (500_000 // len(unit))}y\nLAST=1\n")
    read_env_file(path, {})


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.env"
    path.write_text("#" * (LARGEST_ENVIRONMENT + 1))
    with pytest.raises(SettingsError, match=r"long\.env has more than 10,000,000 characters"):
        read_env_file(path, {})


def test_expansions_that_double_line_by_line_are_stopped(desk: Desk) -> None:
    lines = ["A0=0123456789", *(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}" for n in range(1, 64))]
    with pytest.raises(SettingsError, match="expands to more than"):
        environment(desk, "\n".join(lines))


def test_ten_thousand_references_are_asked_for_once_each(desk: Desk) -> None:
    requested: list[Reference] = []

    def count(reference: Reference, get: object) -> object:
        requested.append(reference)
        return get(reference)  # type: ignore[operator]

    with tampered(desk.vault, "get", count):
        found = environment(desk, "".join(f"T{n}=x{n}-{REFERENCE}\n" for n in range(10_000)))
    assert requested == [REFERENCE]
    assert found["T9999"] == f"x9999-{TOKEN}"


def test_a_missing_file_has_no_variables(desk: Desk) -> None:
    found = environment_for(desk.context, desk.folder, wanted(desk.folder / "none"), {"A": "1"}, USE)
    assert found.variables == {"A": "1"}


def test_a_ledger_that_cannot_be_written_keeps_no_program_from_starting(desk: Desk) -> None:
    desk.places.ledger.write_bytes(b"no database")
    assert resolve(desk.context, desk.folder, REFERENCE, USE).reveal() == TOKEN
