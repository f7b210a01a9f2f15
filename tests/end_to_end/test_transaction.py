"""Every failure of a move, through the real server: no token is lost, and the user is informed."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lsprotocol import types

import keyring_session
import tokens
from lsp_client import FIXTURES, Editor, editor
from raw_client import RawClient

TOKEN = tokens.github("transaction")
REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
CODE = f'import os\nGITHUB_TOKEN = "{TOKEN}"\n'
CLIENTS = ["vscode-1.139", "neovim-0.10"]


@dataclass
class Case:
    """A file on disk and in the editor, and the initial content of the keyring."""

    one: Editor
    path: Path
    held: Callable[[], str]

    @property
    def uri(self) -> str:
        return self.path.as_uri()

    async def move(self, action: types.CodeAction | None = None) -> None:
        await self.one.run(action or await self.action())

    async def action(self) -> types.CodeAction:
        found = await self.one.diagnostics(self.uri)
        return (await self.one.actions(self.uri, found[0]))[0]

    async def assert_undone(self, *, text: str = CODE, shown_message: str, kept: bool = False) -> None:
        """Nothing was changed or stored, one sentence was said, and the server works on.

        What was sent to an editor may come late, whatever it says, so that the value is kept.
        """
        assert self.one.buffers[self.uri].text == text
        assert self.path.read_text() == CODE
        assert not (self.path.parent / ".env").exists()
        await self.one.told(shown_message)
        assert (TOKEN in self.held()) == kept
        (message,) = self.one.messages
        assert message.isprintable()
        assert TOKEN not in message
        await self.assert_works()

    async def assert_works(self) -> None:
        version = self.one.buffers[self.uri].version
        self.one.change(self.uri, (0, 0), (0, 0), f'A = "{tokens.npm()}"\n')
        assert len(await self.one.diagnostics(self.uri, version + 1)) == 2


@contextlib.asynccontextmanager
async def case(
    environment: dict[str, str],
    folder: Path,
    *,
    held: Callable[[], str],
    client: str = "vscode-1.139",
    keyring_seconds: float = 30,
) -> AsyncIterator[Case]:
    path = folder / "app.py"
    path.write_text(CODE)
    async with editor(
        environment, folder, client=client, configuration={"keyringTimeout": keyring_seconds}
    ) as one:
        one.open(path.as_uri(), CODE)
        yield Case(one, path, held)


def held_by_keyring(environment: dict[str, str]) -> Callable[[], str]:
    """Return all values that tools find in the real keyring."""
    command = ["secret-tool", "search", "--all", "application", "Python keyring library"]

    def held() -> str:
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    return held


@dataclass
class Fake:
    """A user whose keyring is one of fake_backends."""

    environment: dict[str, str]
    state: Path

    def held(self) -> str:
        entries = self.state / "entries.json"
        return " ".join(json.loads(entries.read_text()).values()) if entries.exists() else ""


@pytest.fixture
def fake(absent: dict[str, str], tmp_path: Path) -> Callable[[str], Fake]:
    def use(name: str) -> Fake:
        state, config = tmp_path / "fake", Path(absent["HOME"], ".config", "tokenward", "config.toml")
        state.mkdir()
        config.parent.mkdir(parents=True)
        config.write_text('allowed-backends = ["fake_backends"]\n')
        backend = {"PYTHON_KEYRING_BACKEND": f"fake_backends.{name}", "FAKE_KEYRING": str(state)}
        return Fake({**absent, **backend, "PYTHONPATH": str(Path(__file__).parents[1])}, state)

    return use


@pytest.fixture
def locked(rules_home: Path) -> Iterator[dict[str, str]]:
    if not keyring_session.AVAILABLE:
        pytest.skip(keyring_session.WHY_NOT)
    with keyring_session.keyring_session("locked") as environment:
        yield {**environment, "XDG_CACHE_HOME": str(rules_home)}


@pytest.mark.parametrize("client", CLIENTS)
async def test_an_edit_that_the_editor_refuses(unlocked: dict[str, str], folder: Path, client: str) -> None:
    async with case(unlocked, folder, held=held_by_keyring(unlocked), client=client) as one:
        one.one.refuse = True
        await one.move()
        assert len(one.one.edits) == 1
        await one.assert_undone(shown_message="did not apply the edit", kept=True)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_change_between_the_action_and_the_command(
    unlocked: dict[str, str], folder: Path, client: str
) -> None:
    async with case(unlocked, folder, held=held_by_keyring(unlocked), client=client) as one:
        action = await one.action()
        one.one.change(one.uri, (0, 0), (0, 0), "# typed\n")
        await one.move(action)
        assert one.one.edits == []
        await one.assert_undone(text=f"# typed\n{CODE}", shown_message="has changed")


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_change_while_the_edit_is_applied(
    unlocked: dict[str, str], folder: Path, client: str
) -> None:
    async with case(unlocked, folder, held=held_by_keyring(unlocked), client=client) as one:
        one.one.before_edit = lambda: one.one.change(one.uri, (0, 0), (0, 0), "# typed\n")
        await one.move()
        await one.assert_undone(text=f"# typed\n{CODE}", shown_message="did not apply the edit", kept=True)


async def test_a_document_that_is_closed_while_the_edit_is_applied(
    unlocked: dict[str, str], folder: Path
) -> None:
    """Its file on disk still has the token, and so does the keyring."""
    held = held_by_keyring(unlocked)
    async with case(unlocked, folder, held=held) as one:
        one.one.before_edit = lambda: one.one.close(one.uri)
        await one.move()
        await one.one.told("did not apply the edit")
        assert one.path.read_text() == CODE
        assert TOKEN in held()


async def test_a_token_that_was_deleted_while_the_edit_is_applied_is_kept(
    unlocked: dict[str, str], folder: Path
) -> None:
    """Its last copy may be the one in the keyring, and the user is told where."""
    held = held_by_keyring(unlocked)
    async with case(unlocked, folder, held=held) as one:
        one.one.before_edit = lambda: one.one.replace(one.uri, "")
        await one.move()
        assert REFERENCE in await one.one.told("the keyring keeps")
        assert TOKEN in held()


@pytest.mark.slow
async def test_an_editor_that_answers_with_an_error_is_asked_about_at_the_next_start(
    unlocked: dict[str, str], folder: Path
) -> None:
    """Nobody knows whether it made the edit, so nothing is deleted, and the next start checks."""
    held = held_by_keyring(unlocked)

    def fail() -> None:
        raise RuntimeError("no")

    async with case(unlocked, folder, held=held) as one:
        one.one.before_edit = fail
        await one.move()
        await one.one.told("did not say whether it applied the edit")
        assert TOKEN in held()
        await one.assert_works()
    async with case(unlocked, folder, held=held) as one:
        sentence = await one.one.told(f"A move of {REFERENCE}")
        assert "the token is in both the keyring and the file, so move it again" in sentence
        await one.move()
        assert TOKEN not in one.one.buffers[one.uri].text
        assert TOKEN in held()
    async with case(unlocked, folder, held=held) as one:
        await one.assert_works()
        assert one.one.messages == []


def test_an_editor_whose_answer_makes_no_sense_is_not_waited_for(
    unlocked: dict[str, str], folder: Path
) -> None:
    """The server usually asks for two minutes whether an edit was made, but not after such an answer."""
    capabilities = json.loads((FIXTURES / "clients" / "vscode-1.139.json").read_text("utf-8"))
    path = folder / ".env"
    path.write_text(f"GITHUB_TOKEN={TOKEN}\n")
    document = {"uri": path.as_uri(), "languageId": "dotenv", "version": 1, "text": path.read_text()}
    client = RawClient(unlocked, folder, {"workspace/configuration": [None], "workspace/applyEdit": ["no"]})
    with contextlib.closing(client):
        client.initialize(capabilities)
        client.notify("textDocument/didOpen", {"textDocument": document})
        (found,) = client.diagnostics(path.as_uri())
        where = {"textDocument": {"uri": path.as_uri()}, "range": found["range"]}
        actions = client.request("textDocument/codeAction", {**where, "context": {"diagnostics": []}})
        client.request("workspace/executeCommand", actions[0]["command"])
        shown_message = client.wait_for(lambda m: m.get("method") == "window/showMessage")
        assert "did not say whether it applied the edit" in shown_message["params"]["message"]
    assert TOKEN in held_by_keyring(unlocked)()


async def test_a_null_keyring(absent: dict[str, str], folder: Path) -> None:
    environment = {**absent, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    async with case(environment, folder, held=str) as one:
        await one.move()
        assert one.one.edits == []
        await one.assert_undone(shown_message="null backend")


@pytest.mark.parametrize("client", CLIENTS)
async def test_an_absent_keyring(absent: dict[str, str], folder: Path, client: str) -> None:
    async with case(absent, folder, held=str, client=client) as one:
        await one.move()
        assert one.one.edits == []
        await one.assert_undone(shown_message="keyring")


async def test_a_locked_keyring(locked: dict[str, str], folder: Path) -> None:
    async with case(locked, folder, held=str) as one:
        await one.move()
        assert one.one.edits == []
        await one.assert_undone(shown_message="unlock it")


@pytest.mark.slow
async def test_a_keyring_that_hangs(fake: Callable[[str], Fake], folder: Path) -> None:
    """It is abandoned after its time limit; scanning continues meanwhile, and a later move succeeds."""
    hanging = fake("Filed")
    (hanging.state / "hang").touch()
    async with case(hanging.environment, folder, held=hanging.held, keyring_seconds=1) as one:
        await one.move()
        assert one.one.edits == []
        await one.assert_undone(shown_message="did not answer within 1 seconds")
        (hanging.state / "hang").unlink()
        await one.move((await one.one.actions(one.uri, (await one.one.diagnostics(one.uri))[1]))[0])
        assert 'os.environ["GITHUB_TOKEN"]' in one.one.buffers[one.uri].text
        assert hanging.held() == TOKEN


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Forgetful", "Truncating"])
async def test_a_keyring_that_does_not_give_back_what_it_took(
    fake: Callable[[str], Fake], folder: Path, name: str
) -> None:
    failing = fake(name)
    async with case(failing.environment, folder, held=failing.held) as one:
        await one.move()
        assert one.one.edits == []
        await one.assert_undone(shown_message="did not return it")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Telltale", "Leaving"])
async def test_a_keyring_that_fails_in_its_own_way(
    fake: Callable[[str], Fake], folder: Path, name: str
) -> None:
    """Whatever exceptions it raises, and even if it ends its process."""
    failing = fake(name)
    async with case(failing.environment, folder, held=failing.held) as one:
        await one.move()
        assert one.one.edits == []
        await one.assert_undone(shown_message="tokenward doctor")
