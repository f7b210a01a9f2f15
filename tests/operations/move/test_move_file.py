"""Moving all tokens of a file takes one scan and one edit, with the same result as moving each by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from desk import Desk, tampered
from tokenward.custody.ledger import database
from tokenward.custody.ledger.events import Event
from tokenward.detection.detection import Detection
from tokenward.errors import (
    EditDeclined,
    EditRefused,
    EditUncertain,
    FileChanged,
    MoveStopped,
    TokenwardError,
    VaultUnavailable,
)
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.move import move as moving
from tokenward.operations.move.move import MoveResult, move
from tokenward.operations.move.move_file import move_file
from tokenward.operations.move.plan import MoveRequest, PlacesToMove, plan_places
from tokenward.operations.move.preview import FilePreview, FileRequest, Previewer
from tokenward.operations.move.restore import restore
from tokenward.operations.move.store_aside import StoredAside
from tokenward.rewriting import env_file
from tokenward.rewriting.planner import Planner
from tokenward.sources.source import Source


def env_of(count: int) -> str:
    return "".join(f"TOKEN_{number}={tokens.github(number)}\n" for number in range(count))


def moved(
    desk: Desk, source: Source, editor: Editor | None = None, context: Context | None = None
) -> list[MoveResult | StoredAside | TokenwardError]:
    request = FileRequest(source, desk.folder, (), None)
    return [one.result for one in move_file(context or desk.context, request, editor or desk.editor)]


def held(desk: Desk, count: int) -> list[bool]:
    """Return, for each token of `env_of`, whether the vault holds it."""
    return [
        desk.value(f"keyring://acme-api/TOKEN_{number}") == tokens.github(number) for number in range(count)
    ]


@dataclass(frozen=True, slots=True)
class CountingScanner(Scanner):
    scans: list[str] = field(default_factory=list)

    def detections(self, source: Source) -> Sequence[Detection]:
        self.scans.append(source.name)
        return Scanner.detections(self, source)


@pytest.mark.parametrize("name", [".env", "app.py"])
def test_a_file_is_scanned_and_edited_once_however_many_tokens_it_has(desk: Desk, name: str) -> None:
    text = env_of(12) if name == ".env" else env_of(12).replace("=", '="').replace("\n", '"\n')
    source = desk.editor.open(desk.folder / name, text)
    context = desk.context
    scanner = CountingScanner(context.scanner.detector, context.scanner.fingerprint)
    results = moved(desk, source, context=context.scanning_with(scanner))
    assert [str(one.reference) for one in results if isinstance(one, MoveResult)] == [
        f"keyring://acme-api/TOKEN_{number}" for number in range(12)
    ]
    assert (len(scanner.scans), desk.editor.labels) == (1, ["Move 12 tokens to the keyring"])
    assert held(desk, 12) == [True] * 12


def test_a_further_token_takes_no_transaction_and_parse_of_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def count(place: object, name: str) -> None:
        original = getattr(place, name)

        def counted(*given: object) -> object:
            done.append(name)
            return original(*given)

        monkeypatch.setattr(place, name, counted)

    def work(folder: str, count: int) -> tuple[int, int]:
        done.clear()
        text = env_of(count).replace("TOKEN", folder).replace("=", '="').replace("\n", '"\n')
        results = moved(desk, desk.editor.open(desk.folder / folder / "app.py", text))
        assert all(isinstance(one, MoveResult) for one in results)
        return done.count("_begin"), done.count("_ask")

    count(database, "_begin")
    count(Planner, "_ask")
    work("FIRST", 2)
    few, many = work("FEW", 3), work("MANY", 13)
    # Leases, entries and outcomes are parts of the transactions for all.
    assert many == few


def test_a_preview_parses_a_text_no_more_often_if_it_has_more_tokens(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    original = Planner._ask

    def counted(planner: Planner, *given: Any) -> object:
        asked.append(given)
        return original(planner, *given)

    def parses(count: int) -> int:
        asked.clear()
        text = env_of(count).replace("=", '="').replace("\n", '"\n')
        source = desk.editor.open(desk.folder / f"app{count}.py", text)
        preview = Previewer(desk.context, desk.editor).preview(FileRequest(source, desk.folder, (), None))
        assert preview.moved == count
        return len(asked)

    monkeypatch.setattr(Planner, "_ask", counted)
    assert parses(13) == parses(3)


def test_a_move_that_is_stopped_leaves_whole_what_was_moved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tokens after it are as before, in the file and in no record."""
    path, told = desk.folder / ".env", list[int]()
    monkeypatch.setattr(moving, "PORTION", 2)

    def watch(count: int) -> bool:
        told.append(count)
        return count > 0

    request = FileRequest(desk.editor.open(path, env_of(5)), desk.folder, (), None)
    outcomes = move_file(desk.context, request, desk.editor, watch)
    assert [type(next(outcomes).result) for _ in range(2)] == [MoveResult, MoveResult]
    with pytest.raises(MoveStopped):
        next(outcomes)
    assert told == [0, 0, 0, 0, 0, 2]
    assert held(desk, 5) == [True, True, False, False, False]
    lines = desk.editor.text(path).splitlines()
    assert lines[2:] == env_of(5).splitlines()[2:]
    assert all("keyring://" in line for line in lines[:2])
    assert len(desk.context.entries.all()) == 2
    assert all(isinstance(one, MoveResult) for one in moved(desk, desk.editor.buffers[path.as_uri()]))
    assert held(desk, 5) == [True] * 5


def test_a_move_that_is_stopped_while_it_is_planned_changes_nothing(desk: Desk) -> None:
    path = desk.folder / ".env"
    request = FileRequest(desk.editor.open(path, env_of(3)), desk.folder, (), None)
    with pytest.raises(MoveStopped):
        next(move_file(desk.context, request, desk.editor, lambda _: True))
    assert (desk.editor.text(path), desk.events()[1:]) == (env_of(3), [])
    assert held(desk, 3) == [False] * 3


def test_every_value_is_in_the_vault_and_announced_before_the_edit(desk: Desk) -> None:
    seen: list[object] = []
    desk.editor.before_edit = lambda: seen.extend([held(desk, 3), desk.events().count(Event.STORED)])
    moved(desk, desk.editor.open(desk.folder / ".env", env_of(3)))
    assert seen == [[True] * 3, 3]
    assert desk.events()[-3:] == [Event.MOVED] * 3


def test_a_refused_edit_puts_every_value_back(desk: Desk) -> None:
    path, twice = desk.folder / "app.py", tokens.npm()
    # For the value that is written in two ways, each place is a separate move to the same entry.
    text = f'A = "{tokens.github()}"\nB = "{twice}"\nC = "\\x{ord(twice[0]):x}{twice[1:]}"\nD = "{twice}"\n'
    desk.editor.refuse = True
    with pytest.raises(EditRefused):
        moved(desk, desk.editor.open(path, text))
    assert desk.editor.text(path) == text
    assert desk.context.entries.all() == ()
    assert desk.events().count(Event.MOVE_UNDONE) == desk.events().count(Event.MOVE_STARTED) > 1


def test_places_that_are_moved_one_by_one_and_refused_leave_nothing(desk: Desk) -> None:
    path, token = desk.folder / "app.py", tokens.github()
    text = f'"""{token}"""\nB = "{token}"\nC = "{token}"\n'
    desk.editor.refuse = True
    with pytest.raises(EditRefused):
        moved(desk, desk.editor.open(path, text))
    assert desk.context.entries.all() == ()
    assert desk.value("keyring://acme-api/B") is None
    assert desk.events().count(Event.MOVE_UNDONE) == 2


@pytest.mark.parametrize("failure", [EditDeclined("No."), EditUncertain("Nobody knows.")])
def test_an_edit_that_may_come_late_keeps_every_value(desk: Desk, failure: Exception) -> None:
    desk.editor.fail = failure
    with pytest.raises(type(failure)):
        moved(desk, desk.editor.open(desk.folder / ".env", env_of(3)))
    assert held(desk, 3) == [True] * 3
    assert Event.MOVE_UNDONE not in desk.events()


def test_one_vanished_token_keeps_every_value(desk: Desk) -> None:
    path = desk.folder / ".env"
    desk.editor.before_edit = lambda: desk.editor.type(path, env_of(3).replace(tokens.github(1), ""))
    with pytest.raises(EditUncertain, match="and 2 more"):
        moved(desk, desk.editor.open(path, env_of(3)))
    assert held(desk, 3) == [True] * 3


def test_what_was_stored_before_the_keyring_failed_is_moved(desk: Desk) -> None:
    path = desk.folder / ".env"

    def fail(reference: Reference, secret: Secret, put: Callable[[Reference, Secret], bool]) -> bool:
        if reference.name == "TOKEN_2":
            raise VaultUnavailable("No.")
        return put(reference, secret)

    request = FileRequest(desk.editor.open(path, env_of(4)), desk.folder, (), None)
    outcomes = move_file(desk.context, request, desk.editor)
    with tampered(desk.vault, "put", fail):
        assert [type(next(outcomes).result) for _ in range(2)] == [MoveResult, MoveResult]
        with pytest.raises(VaultUnavailable):
            next(outcomes)
    assert held(desk, 4) == [True, True, False, False]
    assert [tokens.github(number) in desk.editor.text(path) for number in range(4)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_name_that_the_keyring_has_taken_is_another_for_that_token_alone(desk: Desk) -> None:
    desk.hold("keyring://acme-api/TOKEN_1", "somebody else's")
    moved(desk, desk.editor.open(desk.folder / ".env", env_of(3)))
    assert desk.editor.text(desk.folder / ".env") == "".join(
        f"TOKEN_{number}=keyring://acme-api/{name}\n"
        for number, name in enumerate(["TOKEN_0", "GITHUB_TOKEN", "TOKEN_2"])
    )
    assert desk.value("keyring://acme-api/TOKEN_1") == "somebody else's"


def test_an_environment_file_that_changed_meanwhile_is_planned_for_again(desk: Desk) -> None:
    path, env = desk.folder / "app.py", desk.folder / ".env"
    desk.editor.open(env, "OTHER=1\n")

    def change() -> None:
        if len(desk.editor.labels) == 1:
            desk.editor.type(env, "OTHER=1\nMORE=2\n")
            raise FileChanged("changed")

    desk.editor.before_edit = change
    text = f'TOKEN_0 = "{tokens.github(0)}"\nTOKEN_1 = "{tokens.github(1)}"\n'
    moved(desk, desk.editor.open(path, text))
    assert desk.editor.text(env) == (
        "OTHER=1\nMORE=2\nTOKEN_0=keyring://acme-api/TOKEN_0\nTOKEN_1=keyring://acme-api/TOKEN_1\n"
    )
    assert len(desk.context.entries.all()) == 2


def test_a_document_that_changed_meanwhile_is_not_planned_for_again(desk: Desk) -> None:
    path = desk.folder / ".env"

    def change() -> None:
        desk.editor.type(path, f"# theirs\n{env_of(2)}")
        raise FileChanged("changed")

    desk.editor.before_edit = change
    with pytest.raises(FileChanged):
        moved(desk, desk.editor.open(path, env_of(2)))
    assert (len(desk.editor.labels), desk.context.entries.all()) == (1, ())


def test_only_a_value_that_is_lost_for_good_is_put_back_into_the_file(desk: Desk) -> None:
    path = desk.folder / ".env"

    def lose() -> None:
        desk.vault.delete(Reference("acme-api", "TOKEN_1"))
        desk.hold("keyring://acme-api/TOKEN_1", "somebody else's")
        desk.editor.before_edit = None

    desk.editor.before_edit = lose
    results = moved(desk, desk.editor.open(path, env_of(3)))
    assert [type(one) for one in results] == [MoveResult, EditRefused, MoveResult]
    assert [tokens.github(number) in desk.editor.text(path) for number in range(3)] == [False, True, False]
    assert sorted(desk.events()[-3:]) == [Event.MOVE_UNDONE, Event.MOVED, Event.MOVED]


def test_a_preview_parses_a_dotenv_file_no_more_often_if_it_has_more_tokens(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    original = env_file._parse

    def counted(text: str, *given: int) -> list[env_file.EnvAssignment]:
        parsed.append(text)
        return original(text, *given)

    def parses(count: int) -> int:
        parsed.clear()
        source = desk.editor.open(desk.folder / f"{count}" / ".env", env_of(count))
        preview = Previewer(desk.context, desk.editor).preview(FileRequest(source, desk.folder, (), None))
        assert preview.moved == count
        return len(parsed)

    monkeypatch.setattr(env_file, "_parse", counted)
    assert parses(13) == parses(3)


def python_of(chosen: Sequence[int]) -> str:
    """Return a line for each value, in one of several shapes; a value may occur repeatedly."""
    shapes = (
        "{name} = '{token}'\n",
        'f("{token}", "Bearer {token}")\n',
        '{name} = (r"{token}")  # {name}\r\n',
    )
    return "".join(
        shapes[number % 3].format(name=f"TOKEN_{number}", token=tokens.github(number // 2))
        for number in chosen
    )


def dotenv_of(chosen: Sequence[int]) -> str:
    shapes = ("{name}={token}\n", "export {name}='{token}'\r\n", '# {name}\n{name}="{token}" # x\n')
    return "".join(
        shapes[number % 3].format(name=f"TOKEN_{number}", token=tokens.github(number // 2))
        for number in chosen
    )


@pytest.mark.parametrize(("name", "text_of"), [(".env", dotenv_of), ("app.py", python_of)])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chosen=st.lists(st.integers(0, 8), min_size=1, max_size=7), one_by_one=st.booleans())
def test_what_was_moved_at_once_is_restored_byte_for_byte(
    desk: Desk, name: str, text_of: Callable[[Sequence[int]], str], chosen: list[int], one_by_one: bool
) -> None:
    path = desk.folder / name
    before = text_of(chosen).encode()
    path.write_bytes(before)
    source = desk.disk.read(path)
    assert source is not None
    results = moved(desk, source, desk.disk)
    assert all(isinstance(one, MoveResult) for one in results)
    assert not desk.findings(desk.disk.read(path))  # type: ignore[arg-type]
    names = [one.reference.name for one in results if isinstance(one, MoveResult)]
    for last in reversed(names) if one_by_one else [None]:
        assert list(restore(desk.context, desk.folder, path, desk.disk, last))
    assert path.read_bytes() == before


def test_an_access_key_s_id_stays_only_with_its_secret(desk: Desk) -> None:
    pairs = [tokens.aws("moves"), tokens.aws("stays")]
    text = "".join(
        f"[{number}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
        for number, (key, secret) in enumerate(pairs)
    )
    source = desk.editor.open(desk.folder / ".aws" / "credentials", f"{text}aws_session_token = x\n")
    results = moved(desk, source)
    assert [isinstance(one, MoveResult) for one in results].count(True) == 1
    assert sorted(str(one)[:20] for one in results if isinstance(one, TokenwardError)) == [
        "AWS tools take both ",
        "The id of an access ",
    ]


@pytest.mark.parametrize(("name", "text_of"), [(".env", dotenv_of), ("app.py", python_of)])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chosen=st.lists(st.integers(0, 8), min_size=1, max_size=7))
def test_what_is_moved_at_once_is_the_same_as_one_by_one(
    desk: Desk, name: str, text_of: Callable[[Sequence[int]], str], chosen: list[int]
) -> None:
    at_once, one_by_one = desk.folder / "at-once" / name, desk.folder / "one-by-one" / name
    for path in (at_once, one_by_one):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text_of(chosen).encode())
    source = desk.disk.read(at_once)
    assert source is not None
    results = moved(desk, source, desk.disk)
    assert all(isinstance(one, MoveResult) for one in results)
    while (source := desk.disk.read(one_by_one)) and (found := desk.findings(source)):
        move(desk.context, MoveRequest(source, desk.folder, found[0].fingerprint), desk.disk)
    assert at_once.read_bytes() == one_by_one.read_bytes()


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of the tokens that were planned so far, in order."""
    names: list[str] = []

    def counted(context: Context, chosen: PlacesToMove, *given: Any) -> object:
        names.append(chosen.request.source.name)
        return plan_places(context, chosen, *given)

    monkeypatch.setattr(moving, "plan_places", counted)
    return names


def previews_of(desk: Desk, count: int) -> list[tuple[FileRequest, FilePreview]]:
    """Return previews of files of two tokens each that share an environment file, on disk."""
    previewer, found = Previewer(desk.context, desk.disk), []
    for number in range(count):
        path = desk.folder / f"app{number}.py"
        names = (f"TOKEN_{number}{one}" for one in "AB")
        path.write_text("import os\n" + "".join(f'{name} = "{tokens.github(name)}"\n' for name in names))
        source = desk.disk.read(path)
        assert source is not None
        request = FileRequest(source, desk.folder, (), None)
        found.append((request, previewer.preview(request)))
    return found


def carry_out(desk: Desk, previews: Sequence[tuple[FileRequest, FilePreview]]) -> list[str]:
    """Move what was previewed, and return the references."""
    references = []
    for request, preview in previews:
        current = request.after_other_moves(desk.disk)
        for one in move_file(desk.context, current, desk.disk, planned=preview):
            assert isinstance(one.result, MoveResult), one.result
            references.append(str(one.result.reference))
    return references


def test_what_was_previewed_is_not_planned_a_second_time(desk: Desk, planned: list[str]) -> None:
    """Also of files that add their lines to one environment file."""
    previews = previews_of(desk, 3)
    assert desk.context.bindings.name_of(desk.folder) is None
    assert planned == [f"app{number}.py" for number in (0, 0, 1, 1, 2, 2)]
    expected = [f"keyring://acme-api/TOKEN_{number}{one}" for number in range(3) for one in "AB"]
    assert carry_out(desk, previews) == expected
    assert len(planned) == 6
    lines = [f"{one.rpartition('/')[2]}={one}" for one in expected]
    assert (desk.folder / ".env").read_text().splitlines() == lines
    assert [desk.value(one) for one in expected] == [
        tokens.github(one.rpartition("/")[2]) for one in expected
    ]
    for number in range(3):
        assert list(restore(desk.context, desk.folder, desk.folder / f"app{number}.py", desk.disk, None))
        assert tokens.github(f"TOKEN_{number}A") in (desk.folder / f"app{number}.py").read_text()


@pytest.mark.parametrize(
    "change", ["the file", "the environment", "a compose file", "a name", "the workspace"]
)
def test_what_changed_since_the_preview_is_planned_again(desk: Desk, planned: list[str], change: str) -> None:
    previews = previews_of(desk, 1)
    code, env = desk.folder / "app0.py", desk.folder / ".env"
    if change == "the file":
        code.write_text(f"# theirs\n{code.read_text()}")
    elif change == "the environment":
        env.write_text("TOKEN_0A=theirs\n")
    elif change == "a compose file":
        (desk.folder / "compose.yaml").write_text("services:\n  app:\n    build: .\n")
    elif change == "a name":
        desk.context.claim_workspace(desk.folder)
        put(desk.context, desk.folder, "TOKEN_0A", Secret("theirs"))
    else:
        elsewhere = desk.folder.parent / "elsewhere"
        elsewhere.mkdir()
        desk.context.bindings.claim(elsewhere, "acme-api")
    references = carry_out(desk, previews)
    assert len(planned) == 4
    if change in ("the environment", "a name"):
        assert references[0] != "keyring://acme-api/TOKEN_0A"
    assert ("acme-api/" in references[0]) == (change != "the workspace")
    assert code.read_text().startswith("# theirs\n") == (change == "the file")
    assert env.read_text().startswith("TOKEN_0A=theirs\n") == (change == "the environment")
    assert not any(tokens.github(f"TOKEN_0{one}") in code.read_text() for one in "AB")


def test_names_that_the_keyring_has_all_taken_are_planned_again_together(
    desk: Desk, planned: list[str]
) -> None:
    """As after the loss of the records alone."""
    for number in range(30):
        desk.hold(f"keyring://acme-api/TOKEN_{number}", "somebody else's")
    results = moved(desk, desk.editor.open(desk.folder / ".env", env_of(30)))
    assert all(isinstance(one, MoveResult) for one in results)
    assert len(planned) < 30 * 5
    assert desk.value("keyring://acme-api/TOKEN_7") == "somebody else's"
