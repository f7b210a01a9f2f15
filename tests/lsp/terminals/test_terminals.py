"""Terminal output: sent by a client, scanned at once, shown masked, and stored in the keyring on request."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import tokens
from canaries import leaks, planted
from lsp_client import FIXTURES, PATIENCE
from provider import Provider, provider, token, use_rules
from raw_client import RawClient
from tokenward.custody import terminal_records as records
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import TokenGone
from tokenward.findings.excerpt import MOST_COLUMNS, MOST_LINES, excerpt
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.convert import canonical, is_transcript, terminal_name, transcript_uri
from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.lsp.terminals.execution import MOST_CHARACTERS, ExecutionKey, TerminalData, exit_code
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.model import Fingerprint, Point, Secret, Span
from tokenward.operations.terminal.recent_values import KEPT_SECONDS, RecentValues
from tokenward.settings import Settings

DATA, END, TRANSCRIPT = (f"tokenward/terminal/{name}" for name in ("data", "end", "transcript"))
CHANGED, CLEAR = "tokenward/terminal/changed", "tokenward/terminal/clear"
PUBLISH = "textDocument/publishDiagnostics"
STORE, FIND, FORGET = "tokenward.server.store", "tokenward.server.find", "tokenward.server.forget"
GITHUB = tokens.github("terminal")


@dataclass
class Desk:
    """An editor with terminals that print."""

    client: RawClient
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def prints(self, text: str, execution: str = "1", **more: Any) -> None:
        params = {"terminal": "t1", "execution": execution, "name": "zsh", "data": text}
        self.client.notify(
            DATA, {**params, "cwd": str(self.client.folder), "commandLine": "npm start", **more}
        )

    def ends(self, execution: str = "1", **more: Any) -> None:
        self.client.notify(END, {"terminal": "t1", "execution": execution, **more})

    def found(self, diagnostics: int = 1) -> tuple[str, list[dict[str, Any]]]:
        """Return the first transcript pushed with this many diagnostics, and those."""
        params = self.client.wait_for(lambda message: is_push(message, diagnostics))["params"]
        return params["uri"], params["diagnostics"]

    def client_found(self, rule: str) -> tuple[str, list[dict[str, Any]]]:
        """Return the same for the first finding of a rule."""
        params = self.client.wait_for(lambda m: is_push(m, None) and rule in json.dumps(m))["params"]
        return params["uri"], params["diagnostics"]

    def transcript(self, uri: str) -> str:
        text = self.client.request(TRANSCRIPT, {"uri": uri})["text"]
        assert isinstance(text, str)
        return text

    def actions(self, uri: str, diagnostic: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the actions offered for a finding, by title."""
        context = {"diagnostics": [diagnostic]}
        params = {"textDocument": {"uri": uri}, "range": diagnostic["range"], "context": context}
        return {one["title"]: one for one in self.client.request("textDocument/codeAction", params) or []}

    def run(self, action: dict[str, Any]) -> None:
        self.client.request("workspace/executeCommand", action["command"])

    def told(self, part: str) -> str:
        message = self.client.wait_for(lambda one: part in one.get("params", {}).get("message", ""))
        return str(message["params"]["message"])

    def settle(self) -> None:
        """Wait until the server has scanned everything sent, by sending one more token, which it scans last."""
        number = f"settle-{next(self.numbers)}"
        label = "npm token"
        uris = {message["params"]["uri"] for message in self.client.received if is_push(message, None)}
        self.prints(tokens.npm(number) + "\n", number)

        def is_new(message: dict[str, Any]) -> bool:
            return (
                is_push(message, 1) and message["params"]["uri"] not in uris and label in json.dumps(message)
            )

        self.client.wait_for(is_new)


def is_push(message: Mapping[str, Any], diagnostics: int | None) -> bool:
    """Return whether a message shows this many diagnostics of a transcript (None: any number)."""
    if message.get("method") != PUBLISH or not is_transcript(message["params"]["uri"]):
        return False
    return diagnostics is None or len(message["params"]["diagnostics"]) == diagnostics


@contextlib.contextmanager
def desk(
    environment: Mapping[str, str], folder: Path, *, editor: str = "neovim-0.10", **abilities: bool
) -> Iterator[Desk]:
    capabilities = json.loads((FIXTURES / "clients" / f"{editor}.json").read_text("utf-8"))
    capabilities["experimental"] = {"tokenward": abilities}
    with contextlib.closing(RawClient(environment, folder)) as client:
        client.initialize(capabilities)
        yield Desk(client)


def stored(environment: dict[str, str], name: str) -> str:
    command = ["secret-tool", "lookup", "service", f"tokenward/acme-api/{name}", "username", name]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def at(text: str, where: Mapping[str, Any]) -> str:
    """Return the text at a range within one line."""
    start, end = where["start"], where["end"]
    assert start["line"] == end["line"]
    return text.split("\n")[start["line"]][start["character"] : end["character"]]


def test_a_token_is_found_as_soon_as_it_is_printed_and_shown_masked(
    absent: dict[str, str], folder: Path
) -> None:
    """Coloured in the middle, in two messages, while the command goes on."""
    with desk(absent, folder) as one:
        one.prints(f"starting\r\n\x1b[32mGITHUB_TOKEN={GITHUB[:20]}", columns=200)
        one.prints(f"\x1b[0m{GITHUB[20:]}\r\ndone\r\n", columns=200)
        uri, [found] = one.found()
        text = one.transcript(uri)
    assert text.split("\n") == [
        "$ npm start",
        "Terminal: zsh",
        f"Folder: {folder}",
        "",
        "Line 2: GitHub token (gh" + "p_…, 40 characters)",
        "    starting",
        f"    GITHUB_TOKEN={GITHUB[:4]}{'*' * 36}",
        "    done",
        "",
    ]
    assert at(text, found["range"]) == GITHUB[:4] + "*" * 36
    assert found["message"] == "GitHub token shown in a terminal: long-lived, works anywhere."
    assert uri.endswith("/zsh")


def test_a_hover_says_what_a_printed_token_can_do(absent: dict[str, str], folder: Path) -> None:
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\n")
        uri, [found] = one.found()
        params = {"textDocument": {"uri": uri}, "position": found["range"]["start"]}
        hover = one.client.request("textDocument/hover", params)
        nothing = one.client.request(
            "textDocument/hover", {**params, "position": {"line": 0, "character": 0}}
        )
    assert "was shown in a terminal" in hover["contents"]["value"]
    assert "Authority" in hover["contents"]["value"]
    assert hover["range"] == found["range"]
    assert nothing is None


def test_each_token_is_told_once_for_each_execution(absent: dict[str, str], folder: Path) -> None:
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\nagain {GITHUB}\n{tokens.npm()}\n")
        first, found = one.found(2)
        one.prints(f"{GITHUB}\n" * 3)
        one.settle()
        one.prints(f"{GITHUB}\n", "another")
        one.client.wait_for(
            lambda m: is_push(m, 1) and m["params"]["uri"] != first and "GitHub" in json.dumps(m)
        )
        assert one.transcript(first).count("GitHub token") == 1
    assert len({each["data"]["fingerprint"] for each in found}) == 2
    assert not any(is_push(m, 3) for m in one.client.received)


def test_tokens_in_a_command_line_and_in_names_are_masked(absent: dict[str, str], folder: Path) -> None:
    stripe, slack, npm = tokens.stripe(), tokens.slack(), tokens.npm()
    with desk(absent, folder) as one:
        command = f"curl -H 'Authorization: Bearer {stripe}' https://api.example.com"
        one.prints("ok\n", commandLine=command, name=f"zsh {slack}", cwd=str(folder / npm))
        uri, [found] = one.found()
        text = one.transcript(uri)
        written = bytes(one.client.output)
    assert "Command line: Stripe API key (sk_live_…, 32 characters)" in text
    assert at(text, found["range"]) == stripe[:8] + "*" * (len(stripe) - 8)
    assert text.count("' https://api.example.com\n") == 2
    assert leaks("output", written, [stripe, slack, npm]) == []


NPM, KEY = tokens.npm(), tokens.private_key()


@pytest.mark.parametrize(
    ("rest", "value"),
    [
        pytest.param(f"NEXT={NPM[:30]}", NPM[4:30], id="half of a token"),
        pytest.param(KEY[:400] + "\n", KEY[40:400], id="half of a private key"),
        pytest.param(f"KEY={NPM}  # tokenward:ignore\n", NPM[4:], id="one that is allowed"),
        pytest.param(f"KEY={NPM}\n", NPM[4:], id="another one"),
        pytest.param(f"{KEY}\nend\n", KEY[40:-40], id="a private key"),
    ],
)
def test_no_other_token_is_shown_beside_one(
    absent: dict[str, str], folder: Path, rest: str, value: str
) -> None:
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\n{rest}")
        uri = one.client.wait_for(lambda m: is_push(m, 1) or is_push(m, 2))["params"]["uri"]
        one.settle()
        text = one.transcript(uri)
    assert "GitHub token" in text
    assert not any(value[i : i + 8] in text for i in range(len(value) - 8))


def test_the_places_of_a_token_name_each_other(absent: dict[str, str], folder: Path) -> None:
    """A token printed in a terminal links to the file that contains it, and back."""
    env = folder / ".env"
    env.write_text(f"A=1\n\nGITHUB_TOKEN={GITHUB}\n")
    with desk(absent, folder) as one:
        one.client.wait_for(lambda m: m.get("method") == PUBLISH and m["params"]["uri"] == env.as_uri())
        one.prints(f"{GITHUB}\n")
        uri, [found] = one.found()
        related = found["relatedInformation"]

        def names_terminal(message: dict[str, Any]) -> bool:
            is_env = message.get("method") == PUBLISH and message["params"]["uri"] == env.as_uri()
            return is_env and uri in json.dumps(message["params"])

        one.client.wait_for(names_terminal)
    assert [one["location"]["uri"] for one in related] == [env.as_uri()]
    assert related[0]["location"]["range"]["start"] == {"line": 2, "character": 13}


def test_a_client_that_pulls_gets_them_as_files_and_as_documents(
    absent: dict[str, str], folder: Path
) -> None:
    """This holds for a uri as VS Code writes it too; the text that the editor sends for the document is not scanned."""
    other = tokens.npm("opened")
    with desk(absent, folder, editor="vscode-1.139", terminal=True) as one:
        one.prints(f"{GITHUB}\n")
        uri, _ = one.found()
        report = one.client.request("workspace/diagnostic", {"previousResultIds": []})
        [item] = [each for each in report["items"] if each["uri"] == uri]
        assert item["version"] is None
        assert len(item["items"]) == 1
        spelled = uri.replace(":///", ":/")
        document = {"uri": spelled, "languageId": "plaintext", "version": 7, "text": f"x = '{other}'\n"}
        one.client.notify("textDocument/didOpen", {"textDocument": document})
        pulled = one.client.diagnostics(spelled)
        assert pulled == item["items"]
        one.prints(f"{tokens.stripe()}\n")
        one.client.wait_for(lambda m: m.get("method") == "workspace/diagnostic/refresh")
        assert len(one.client.diagnostics(spelled)) == 2
        assert one.actions(spelled, pulled[0])
        assert one.actions(spelled, pulled[0]) == one.actions(uri, pulled[0])
        one.client.notify("textDocument/didClose", {"textDocument": {"uri": spelled}})
        report = one.client.request("workspace/diagnostic", {"previousResultIds": []})
        assert [len(each["items"]) for each in report["items"] if each["uri"] == uri] == [2]


def test_a_pull_in_the_clients_spelling_tells_later_prints_and_takes_nothing_back(
    absent: dict[str, str], folder: Path
) -> None:
    """VS Code writes the uri with one slash; reports under that spelling count, and only news is sent."""
    with desk(absent, folder, editor="vscode-1.139", terminal=True) as one:
        one.prints(f"{GITHUB}\n")
        uri, _ = one.found()
        report = one.client.request("workspace/diagnostic", {"previousResultIds": []})
        [first] = [each["resultId"] for each in report["items"] if each["uri"] == uri]
        one.prints(f"{tokens.stripe()}\n")
        known = [{"uri": uri.replace(":///", ":/"), "value": first}]
        report = one.client.request("workspace/diagnostic", {"previousResultIds": known})
        assert [(each["uri"], len(each["items"])) for each in report["items"]] == [(uri, 2)]


def test_an_open_transcript_is_no_document_of_the_server(absent: dict[str, str], folder: Path) -> None:
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\n")
        uri, _ = one.found()
        document = {"uri": uri, "languageId": "plaintext", "version": 1, "text": f"x = '{tokens.npm()}'\n"}
        one.client.notify("textDocument/didOpen", {"textDocument": document})
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": tokens.npm("b")}]}
        one.client.notify("textDocument/didChange", change)
        one.client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        one.settle()
        pushes = [m["params"] for m in one.client.received if is_push(m, None) and m["params"]["uri"] == uri]
    assert [each["code"] for push in pushes for each in push["diagnostics"]] == ["github-pat"]


def test_only_a_client_that_wants_it_is_told_of_changes(absent: dict[str, str], folder: Path) -> None:
    def changes(one: Desk) -> list[str]:
        one.prints(f"{GITHUB}\n")
        uri, found = one.found()
        one.ends(exitCode=3)
        one.settle()
        assert one.transcript(uri).endswith("\n\nExit code: 3\n")
        assert [each["range"] for each in one.found()[1]] == [each["range"] for each in found]
        return [m["params"]["uri"] for m in one.client.received if m.get("method") == CHANGED]

    with desk(absent, folder, terminal=True) as one:
        uris = changes(one)
        assert uris.count(one.found()[0]) == 2
    with desk(absent, folder) as one:
        assert changes(one) == []


def test_what_prints_no_token_is_nowhere(absent: dict[str, str], folder: Path) -> None:
    with desk(absent, folder, terminal=True) as one:
        one.prints("nothing\n" * 100)
        one.ends(exitCode=0)
        one.prints("nothing\n", "2")
        one.settle()
        uris = {m["params"]["uri"] for m in one.client.received if m.get("method") in (CHANGED, PUBLISH)}
        gone = one.transcript("tokenward-terminal:///abc-1/zsh")
    assert len(uris) == 1
    assert gone == "This output is no longer available.\n"


def test_the_rest_of_what_is_too_much_is_left_out_and_that_is_said(
    absent: dict[str, str], folder: Path
) -> None:
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\n")
        one.prints("x" * (MOST_CHARACTERS + 1))
        one.prints(f"{tokens.stripe()}\n")
        uri, (_, note) = one.found(2)
        one.settle()
        text = one.transcript(uri)
        logged = [
            m["params"]["message"] for m in one.client.received if m.get("method") == "window/logMessage"
        ]
    assert note["message"] in text
    assert note["message"].startswith("The rest of this output was not scanned because more than 1,048,576")
    assert logged.count(note["message"]) == 1
    assert "Stripe" not in text


@pytest.mark.parametrize(
    ("executions", "messages"), [pytest.param(1, 9, id="of one"), pytest.param(5, 8, id="of all together")]
)
def test_the_queue_is_bounded(executions: int, messages: int) -> None:
    """Nothing is scanned here because no rules are loaded, so all output waits."""
    logged: list[str] = []
    session = SimpleNamespace(
        folders=[],
        settings_in=lambda _: Settings(),
        plain_scanner=None,
        capabilities=ClientCapabilities(),
        log=logged.append,
    )
    terminals = Terminals(cast("Session", session), cast("ShownFindings", None))
    for execution in range(executions):
        for _ in range(messages):
            terminals.data({"terminal": "t", "execution": execution, "data": "x" * 1_000_000})
    terminals.close()
    assert len(logged) == 1
    assert "arrived too fast" in logged[0]


def test_of_too_many_executions_the_oldest_are_forgotten(absent: dict[str, str], folder: Path) -> None:
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\n", "first")
        uri, _ = one.found()
        for number in range(64):
            one.prints("nothing\n", f"more-{number}")
        one.client.wait_for(lambda m: is_push(m, 0) and m["params"]["uri"] == uri)
        assert "GitHub" not in one.transcript(uri)


def test_a_token_is_stored_and_the_terminal_cleared(unlocked: dict[str, str], folder: Path) -> None:
    """The message explains how to use it; the terminal is cleared only after approval."""
    with desk(unlocked, folder, terminal=True, clearTerminal=True) as one:
        one.prints(f"ACME_DEPLOY_KEY={GITHUB}\n")
        uri, [found] = one.found()
        store = one.actions(uri, found)["Store this GitHub token in the keyring as ACME_DEPLOY_KEY"]
        questions: list[Any] = []
        one.client.answers["window/showMessageRequest"] = questions.append
        one.run(store)
        assert stored(unlocked, "ACME_DEPLOY_KEY") == GITHUB
        one.client.answers["window/showMessageRequest"] = {"title": "Clear terminal"}
        one.run(store)
        cleared = one.client.wait_for(lambda m: m.get("method") == CLEAR)
        again = one.client.wait_for(lambda m: "is stored already" in json.dumps(m))
    reference = "keyring://acme-api/ACME_DEPLOY_KEY"
    assert questions[0]["actions"] == [{"title": "Clear terminal"}]
    assert f"Stored the GitHub token in the keyring as {reference}." in questions[0]["message"]
    assert (
        f"`ACME_DEPLOY_KEY={reference}` to .env and run the program with `tokenward run"
        in questions[0]["message"]
    )
    assert cleared["params"] == {"terminal": "t1"}
    assert one.client.received.index(cleared) > one.client.received.index(again)
    assert leaks("output", bytes(one.client.output), [GITHUB]) == []


def test_what_can_be_done_stands_above_each_token_of_a_transcript(
    unlocked: dict[str, str], folder: Path
) -> None:
    """An editor offers no quick fix by keyboard in a text that cannot be edited."""
    with desk(unlocked, folder, terminal=True) as one:
        one.prints(f"ACME_DEPLOY_KEY={GITHUB}\n")
        uri, found = one.found()
        document = {"textDocument": {"uri": uri}}
        lenses = one.client.request("textDocument/codeLens", document)
        assert [lens["command"]["title"] for lens in lenses] == [*one.actions(uri, found[0])]
        assert {lens["range"]["start"]["line"] for lens in lenses} == {found[0]["range"]["start"]["line"]}
        store = next(lens for lens in lenses if lens["command"]["command"] == STORE)
        one.run(store)
        assert stored(unlocked, "ACME_DEPLOY_KEY") == GITHUB
        one.run(next(lens for lens in lenses if lens["command"]["command"] == FORGET))
        assert not one.client.request("textDocument/codeLens", document)
        other = {"textDocument": {"uri": (folder / "a.py").as_uri()}}
        assert one.client.request("textDocument/codeLens", other) is None


def test_a_client_that_cannot_clear_is_only_told(unlocked: dict[str, str], folder: Path) -> None:
    with desk(unlocked, folder) as one:
        one.prints(f"{GITHUB}\n", cwd="/")
        uri, [found] = one.found()
        one.run(one.actions(uri, found)["Store this GitHub token in the keyring as GITHUB_TOKEN"])
        assert "still shows the token" in one.told("Stored the GitHub token")
        assert not any(m.get("method") == CLEAR for m in one.client.received)
    assert stored(unlocked, "GITHUB_TOKEN") == GITHUB


@pytest.fixture
def acme(absent: dict[str, str]) -> Iterator[Provider]:
    with provider() as made:
        use_rules(absent, made.rules())
        yield made


def test_a_provider_is_asked_about_a_printed_token_after_a_yes(
    absent: dict[str, str], acme: Provider, folder: Path
) -> None:
    value = token("terminal")
    with desk(absent, folder) as one:
        one.prints(f"key: {value}\n")
        uri, [found] = one.client_found("acme-key")
        check = one.actions(uri, found)["Check whether this token still works"]
        one.run(check)
        assert acme.requests == []
        choice = f"Ask {acme.host} (without encryption)"
        one.client.answers["window/showMessageRequest"] = {"title": choice}
        one.run(check)
        one.told("works: 127.0.0.1:")
        one.client.answers["window/showMessageRequest"] = lambda params: params["actions"][0]
        one.run(one.actions(uri, found)["Revoke this token…"])
        assert "It is still in the terminal zsh" in one.told(" revoked the ")
    assert acme.paths()[0] == "/check"
    assert "/revoke" in acme.paths()
    assert leaks("output", bytes(one.client.output + one.client.errors), [value]) == []


def test_a_token_is_found_in_the_workspace(absent: dict[str, str], folder: Path) -> None:
    env = folder / ".env"
    env.write_text(f"GITHUB_TOKEN={GITHUB}\n")
    with desk(absent, folder) as one:
        one.client.wait_for(lambda m: m.get("method") == PUBLISH and m["params"]["uri"] == env.as_uri())
        one.prints(f"{GITHUB}\n")
        uri, [found] = one.found()
        shown: list[Any] = []
        one.client.answers["window/showDocument"] = lambda params: shown.append(params) or {"success": True}
        one.run(one.actions(uri, found)["Find this token in the workspace"])
        assert "is also in .env:1." in one.told("is also in")
        one.prints(f"{tokens.stripe()}\n", "2")
        one.client.wait_for(lambda m: is_push(m, 1) and m["params"]["uri"] != uri)
        other = next(m for m in one.client.received if is_push(m, 1) and m["params"]["uri"] != uri)["params"]
        one.run(one.actions(other["uri"], other["diagnostics"][0])["Find this token in the workspace"])
        one.told("No scanned file")
    assert [each["uri"] for each in shown] == [env.as_uri()]
    assert shown[0]["selection"]["start"] == {"line": 0, "character": 13}


def test_a_forgotten_token_and_its_value_are_gone(absent: dict[str, str], folder: Path) -> None:
    """Where the token is still shown, actions that need its value say that it is gone."""
    with desk(absent, folder) as one:
        for execution in ("1", "2"):
            one.prints(f"{GITHUB}\n", execution)
            one.settle()
        pushes = {m["params"]["uri"]: m["params"] for m in one.client.received if "GitHub" in json.dumps(m)}
        (first, _), (second, params) = pushes.items()
        title = "Store this GitHub token in the keyring as GITHUB_TOKEN"
        offered = one.actions(second, params["diagnostics"][0])
        one.run(one.actions(first, pushes[first]["diagnostics"][0])["Forget this token"])
        one.client.wait_for(lambda m: is_push(m, 0) and m["params"]["uri"] == first)
        one.run(offered[title])
        assert "print it again" in one.told("is remembered for 10 minutes, and this one is forgotten")
        one.prints(f"{GITHUB}\n")
        one.settle()
        assert "GitHub" not in one.transcript(first)
        one.run(offered["Forget this token"])
        one.run(offered[title])
        one.told("This output is no longer available")


NONSENSE: list[Any] = [
    None,
    [],
    GITHUB,
    {},
    {"terminal": GITHUB},
    {"terminal": "t", "execution": "e"},
    {"terminal": "t", "execution": "e", "data": None},
    {"terminal": "t", "execution": "e", "data": {"a": GITHUB}},
    {"terminal": "a b", "execution": "e", "data": "x"},
    {"terminal": "t", "execution": "e" * 101, "data": "x"},
    {"terminal": True, "execution": 1, "data": "x"},
    {
        "terminal": "t",
        "execution": 1,
        "data": "x",
        "columns": "80",
        "cwd": 5,
        "name": [GITHUB],
        "commandLine": {},
    },
    {"terminal": "t", "execution": 2, "data": "\ud800\0", "columns": -1, "cwd": "../..", "name": "\u202e"},
    {"type_name": "class", "terminal": "t", "execution": 3, "data": "", "columns": 10**9, "cwd": "/a\0b"},
    {"terminal": "t", "execution": 4, "data": "x", "exitCode": "no", "jsonrpc": GITHUB},
]


def test_nonsense_about_terminals_does_nothing(absent: dict[str, str], folder: Path) -> None:
    with desk(absent, folder) as one:
        for params in NONSENSE:
            for method in (DATA, END):
                one.client.notify(method, params)
            assert one.client.request(TRANSCRIPT, params) == {
                "text": "This output is no longer available.\n",
                "version": 0,
            }
        for command in (STORE, FIND, FORGET):
            for argument in (GITHUB, {}, {"uri": "tokenward-terminal:", "version": 1, "fingerprint": GITHUB}):
                one.client.request("workspace/executeCommand", {"command": command, "arguments": [argument]})
        one.prints(f"{tokens.stripe()}\n")
        _, [found] = one.found()
    assert "Stripe" in found["message"]
    unexpected = [line for line in bytes(one.client.errors).split(b"\n") if b"unexpected" in line]
    assert [line for line in unexpected if b"JsonRpc" not in line] == []
    assert leaks("output", bytes(one.client.output + one.client.errors), [GITHUB]) == []


def record_of(folder: Path, name: str, excerpt_text: str, **more: Any) -> records.TerminalRecord:
    """Return the record that `tokenward shell` writes when it has seen a token."""
    label = "GitHub token (gh" + "p_…, 40 characters)"
    finding = records.TerminalFinding(
        "betterleaks.github-pat", "GitHub", label, Fingerprint("ab" * 16), 41, excerpt_text
    )
    return records.TerminalRecord(name * 32, str(folder), "make deploy", 1.0, 1, (finding,), **more)


def test_the_ledger_is_told_what_a_terminal_showed(absent: dict[str, str], folder: Path) -> None:
    ledger = Ledger(Path(absent["HOME"], ".local", "share", "tokenward", "ledger.db"))
    with desk(absent, folder) as one:
        one.prints(f"{GITHUB}\r\n{GITHUB}\r\n", commandLine=f"PASSWORD=Hunter2 login -pHunter2 {GITHUB}")
        one.found()
        deadline = time.monotonic() + PATIENCE
        while not ledger.records() and time.monotonic() < deadline:
            time.sleep(0.05)
    [found] = [record for record in ledger.records() if record.event is Event.FOUND]
    assert found.origin == str(folder)
    assert found.detail["surface"] == "terminal"
    assert found.detail["command"] == "… login -p… …"


def test_what_was_watched_outside_of_the_editor_is_told_without_its_values(
    absent: dict[str, str], folder: Path
) -> None:
    """Only of commands in an open folder; the report goes when the record does."""
    place = records.folder_in(Path(absent["HOME"], ".local", "share", "tokenward"))
    elsewhere = record_of(folder.parent, "b", "x…")
    records.write(place, elsewhere)
    records.write(place, record_of(folder, "a", "before\n  key: gh" + "p_**** after\n"))
    with desk(absent, folder, terminal=True) as one:
        uri, [found] = one.found()
        text = one.transcript(uri)
        offered = one.actions(uri, found)
        assert text.startswith(f"$ make deploy\nFolder: {folder}\n\nLine 42: GitHub token")
        assert at(text, found["range"]) == "gh" + "p_****"
        assert next(iter(offered)) == "Open the provider's page to revoke this token"
        assert list(offered)[1:] == ["Find this token in the workspace", "Forget this token"]
        one.run(
            {"command": {"command": STORE, "arguments": offered["Forget this token"]["command"]["arguments"]}}
        )
        one.told("is remembered for 10 minutes")
        one.run(offered["Forget this token"])
        one.client.wait_for(lambda m: is_push(m, 0) and m["params"]["uri"] == uri)
        records.write(place, record_of(folder, "c", ""))
        other = one.client.wait_for(lambda m: is_push(m, 1) and m["params"]["uri"] != uri)["params"]["uri"]
        (place / f"{'c' * 32}.json").unlink()
        one.client.wait_for(lambda m: is_push(m, 0) and m["params"]["uri"] == other)
        pushed = {m["params"]["uri"] for m in one.client.received if is_push(m, None)}
    assert pushed == {uri, other}


def test_a_client_that_shows_no_transcripts_is_told_of_none_from_outside(
    absent: dict[str, str], folder: Path
) -> None:
    place = records.folder_in(Path(absent["HOME"], ".local", "share", "tokenward"))
    records.write(place, record_of(folder, "a", "…"))
    with desk(absent, folder) as one:
        one.prints(f"{tokens.stripe()}\n")
        uri, _ = one.found()
        one.settle()
        one.prints(f"{tokens.sendgrid()}\n")
        one.found(2)
    assert "make deploy" not in bytes(one.client.output).decode()
    assert uri.endswith("/zsh")


def test_such_a_client_is_told_in_a_sentence_of_what_comes_from_outside(
    absent: dict[str, str], folder: Path
) -> None:
    """This works even if the shell and the editor name the folder by different paths."""
    place, link = (
        records.folder_in(Path(absent["HOME"], ".local", "share", "tokenward")),
        folder.parent / "link",
    )
    link.symlink_to(folder)
    records.write(place, record_of(folder, "a", ""))
    with desk(absent, folder) as one:
        # Only commands started after the server are reported.
        new = replace(record_of(link, "c", ""), command="make release", started=time.time())
        records.write(place, replace(new, id="b" * 32, cwd=str(folder.parent)))
        records.write(place, new)
        assert "GitHub token" in one.told("make release")
        records.write(place, replace(new, findings=new.findings * 2))
        records.write(place, replace(new, id="d" * 32, command="make last"))
        one.told("make last")
        sentences = [m for m in one.client.received if m.get("method") == "window/showMessage"]
    assert len(sentences) == 2


@pytest.mark.slow
def test_no_value_leaves_the_server(unlocked: dict[str, str], folder: Path) -> None:
    """Every canary, printed in many ways and named everywhere, and every action for each: nothing shows one."""
    canaries = planted()
    values = list(canaries.values())
    with desk(unlocked, folder, terminal=True, clearTerminal=True) as one:
        one.client.answers["window/showMessageRequest"] = lambda params: params["actions"][-1]
        lines = [f"{name}={value}" for name, value in canaries.items()]
        texts = [
            "\r\n".join(lines),
            "".join(f"\x1b]0;{value}\x07\x1b[1m{value[:9]}\x1b[0m{value[9:]}\r" for value in values),
            "".join(f"{value}\x1b[K\x08\x08\r\n" for value in values),
            "\n".join(value.replace("\n", "\\n") for value in values),
        ]
        for number, text in enumerate(texts):
            for start in range(0, len(text), 37):
                one.prints(
                    text[start : start + 37],
                    f"e{number}",
                    commandLine=" ".join(lines),
                    name=values[number],
                    cwd=str(folder / values[number]),
                )
            one.ends(f"e{number}", exitCode=1)
        one.settle()
        pushes = {
            m["params"]["uri"]: m["params"]["diagnostics"] for m in one.client.received if is_push(m, None)
        }
        commands = [
            action["command"]
            for uri, diagnostics in pushes.items()
            for diagnostic in diagnostics
            for action in one.actions(uri, diagnostic).values()
        ]
        for uri in pushes:
            one.transcript(uri)
        wanted = [each for each in commands if each["command"] in (STORE, FIND, FORGET)]
        for command in wanted[::5] + wanted[-3:]:
            one.client.request("workspace/executeCommand", command)
        for uri in pushes:
            one.transcript(uri)
    assert len(pushes) > len(texts)
    assert {each["command"] for each in commands} >= {STORE, FIND, FORGET}
    written = bytes(one.client.output)
    assert leaks("stdout", written, values) == []
    assert leaks("stderr", bytes(one.client.errors), values) == []
    for name in ("ledger.db", "custody.db"):
        path = Path(unlocked["HOME"], ".local", "share", "tokenward", name)
        assert leaks(name, path.read_bytes(), values) == []


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="⟦⟧") | st.sampled_from("\n\n\r\t\0 ab"), max_size=600
)


@given(before=TEXTS, after=TEXTS, value=st.integers(1, 900), lines=st.integers(0, 12))
@example(before="x" * 1000, after="y" * 1000, value=40, lines=0)
@example(before="", after="", value=900, lines=12)
def test_an_excerpt_shows_where_a_token_stands_and_nothing_of_it(
    before: str, after: str, value: int, lines: int
) -> None:
    secret = "\n".join(["⟧" * value] * (lines + 1))
    text = before + secret + after
    span = Span(len(before), len(before) + len(secret))
    made = excerpt(text, span, [span])
    assert "⟧" not in "".join(made.lines)
    assert len(made.lines) <= MOST_LINES
    assert all(len(line) <= MOST_COLUMNS and line.isprintable() for line in made.lines)
    first = made.lines[made.start.line][made.start.column :]
    shown = first if made.end.line > made.start.line else first[: made.end.column - made.start.column]
    assert shown.strip("…*") == ""
    assert shown[:1] in "*…"
    assert Point(0, 0) <= made.start < made.end <= Point(len(made.lines) - 1, len(made.lines[-1]))


@given(before=TEXTS, other=st.text("abcdefgh", min_size=16, max_size=60))
def test_a_token_that_is_known_later_is_taken_out_of_an_excerpt(before: str, other: str) -> None:
    text = f"{other}\n{before}\n{other} ⟧⟧⟧⟧ {other}\n"
    start = text.index("⟧")
    made = excerpt(text, Span(start, start + 4), [Span(start, start + 4)]).without(Secret(other))
    assert other not in "\n".join(made.lines)
    assert made.lines[made.start.line][made.start.column :].startswith("****")


def test_an_excerpt_keeps_no_line_of_a_private_key_that_is_known_later() -> None:
    key = tokens.private_key()
    text = f"{key}\nx ⟧⟧⟧⟧\n"
    start = text.index("⟧")
    made = excerpt(text, Span(start, start + 4), []).without(Secret(key))
    assert not any(line in "\n".join(made.lines) for line in key.split("\n"))


@given(
    st.from_regex(r"[0-9a-f]{1,8}-[0-9]{1,4}", fullmatch=True),
    st.text(st.characters(codec="utf-8"), max_size=100),
)
def test_a_uri_is_known_again_however_a_client_writes_it(number: str, name: str) -> None:
    uri = transcript_uri(number, name)
    shown = terminal_name(uri).removeprefix("the terminal ")
    assert is_transcript(uri)
    assert "/" not in shown
    assert shown in ("terminal", name.replace("/", "_").replace("\\", "_"))
    for written in (
        uri,
        uri.replace(":///", ":/"),
        f"tokenward-terminal:/{number}/{quote(shown, safe='!:@$')}",
    ):
        assert canonical(written) == uri


RAW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("terminal", "execution", "name", "cwd", "commandLine", "data", "columns", "exitCode")


@given(st.dictionaries(st.sampled_from(FIELDS), RAW | st.sampled_from(["t1", "/tmp", "a" * 200, "b" * 5000])))
def test_whatever_a_client_says_of_a_terminal_is_understood_or_not(raw: dict[str, Any]) -> None:
    data, code = TerminalData.of(raw), exit_code(raw)
    assert code is None or code == raw["exitCode"]
    if data is not None:
        assert data.key == ExecutionKey.of(raw)
        assert data.cwd is None or data.cwd.is_absolute()
        assert 0 <= data.columns <= 10_000
        assert len(data.name) <= 100
        assert len(data.command) <= 4096


def test_half_a_character_is_no_reason_to_lose_the_rest() -> None:
    data = TerminalData.of({"terminal": "t", "execution": 5, "data": f"\ud83d{GITHUB}\udc00"})
    assert data is not None
    assert data.data == f"?{GITHUB}?".encode()
    assert data.key == ExecutionKey("t", "5")


def test_a_value_is_kept_for_ten_minutes_from_when_it_was_last_seen() -> None:
    now = [0.0]
    remembered = RecentValues(lambda: now[0])
    one, other = Fingerprint("1" * 32), Fingerprint("2" * 32)
    remembered.add(one, Secret("first"))
    now[0] = 100.0
    remembered.add(other, Secret("second"))
    assert remembered.drop_old() == KEPT_SECONDS - 100
    now[0] = KEPT_SECONDS
    assert remembered.all() == [Secret("second")]
    with pytest.raises(TokenGone, match="for 10 minutes"):
        remembered.get(one)
    assert remembered.get(other) == Secret("second")
    remembered.forget(other)
    assert remembered.drop_old() is None
