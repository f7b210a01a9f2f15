"""Promise 2, a token never travels: canaries are planted, everything is run, and every byte is searched."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from canaries import forms, leaks, leaks_in_files, planted, watching
from cli_shell import SetUp
from lsp_client import FIXTURES
from raw_client import RawClient

CANARIES = planted()
GITHUB, NPM, PEM = (CANARIES[name] for name in ("github", "npm", "pem"))
VALUES = list(CANARIES.values())
MOST_RUN = 8
LEVELS = ["error", "debug"]
"""The second logs what the first does, and more."""
LINES = [f'{name.replace("-", "_")} = "{value}"' for name, value in CANARIES.items() if "\n" not in value]

# Files that an editor may have open, with a canary in every place.
TEXTS = {
    "app.py": (
        "python",
        "import os\n" + "\n".join(LINES) + f'\nkey = """{PEM}"""\nurl = f"https://x:{GITHUB}@h/{{1}}"\n',
    ),
    "a.env": (
        "dotenv",
        "\n".join(f"{name.upper().replace('-', '_')}='{value}'" for name, value in CANARIES.items()),
    ),
    "keys.json": ("json", json.dumps({GITHUB: NPM, "b": [GITHUB, {NPM: GITHUB}], "pem": PEM}, indent=1)),
    "keys.yaml": (
        "yaml",
        f"{GITHUB}: {NPM}\n? {NPM}\n: {GITHUB} # {CANARIES['slack']}\n&{GITHUB} a: !{NPM} b\n",
    ),
    "names.py": ("python", f'{GITHUB} = "{NPM}"\ndef {NPM}({GITHUB}="{CANARIES["gitlab"]}"): pass\n'),
    "config.toml": ("toml", f'"{GITHUB}" = "{NPM}"\n[{NPM}]\n{GITHUB} = """{CANARIES["stripe"]}"""\n'),
    "run.sh": ("shellscript", f"export T={GITHUB}\ncurl -H 'Authorization: Bearer {NPM}' $T\n"),
    "broken.py": ("python", f'x = "{GITHUB}\n(((\n\x0c\u2028\rкл = "{NPM}" \ud83d\ude00\n'),
    "notes.xyz": ("plaintext", "\n".join(VALUES)),
}


class Household:
    """One user's home, workspace and temporary folder, which contain everything a program could write."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.folder, self.root = folder, folder.parent
        temporary = self.root / "tmp"
        temporary.mkdir()
        self.environment = {**environment, "TMPDIR": str(temporary)}
        self.home = Path(environment["HOME"])
        self.planted: list[Path] = []
        self.written: dict[str, bytes] = {}

    def plant(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8", "surrogatepass")
        self.planted.append(path)
        return path

    def keep(self, where: str, content: bytes) -> None:
        self.written[where] = self.written.get(where, b"") + content

    def leaks(self) -> list[str]:
        """Return every canary in the output and the files, except those planted and the keyring's own."""
        keyrings = [self.home / ".local" / "share" / "keyrings", self.root / "fake"]
        found = [leak for where, content in self.written.items() for leak in leaks(where, content, VALUES)]
        folders = [self.root, self.home, Path(self.environment["XDG_CACHE_HOME"])]
        return found + [
            leak for folder in folders for leak in leaks_in_files(folder, VALUES, [*self.planted, *keyrings])
        ]


def serve(
    house: Household,
    level: str,
    provoke: Callable[[RawClient], None],
    editor: str = "vscode-1.139",
    **answers: Any,
) -> list[str]:
    """Return the leaks of a provoked server, in its output and in the files it left."""
    configuration = {"logLevel": level, "keyringTimeout": 5, GITHUB: NPM, "vault": GITHUB, "envFile": [NPM]}
    answers = {"workspace/configuration": lambda _: [configuration], **answers}
    capabilities = json.loads((FIXTURES / "clients" / f"{editor}.json").read_text("utf-8"))
    with (
        watching(os.getpid()) as watch,
        contextlib.closing(RawClient(house.environment, house.folder, answers)) as client,
    ):
        client.initialize(capabilities, initializationOptions=configuration, trace="verbose", **{GITHUB: NPM})
        provoke(client)
    house.keep(f"stdout at {level}", bytes(client.output))
    house.keep(f"stderr at {level}", bytes(client.errors))
    assert len(watch.seen) > 2
    assert len(client.received) > 10
    return house.leaks() + watch.leaks(VALUES)


def open_all(house: Household, client: RawClient) -> dict[str, list[dict[str, Any]]]:
    """Open every text and return the findings in each."""
    for name, (language, text) in TEXTS.items():
        path = house.plant(name, text)
        document = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": document})
    uris = [(house.folder / name).as_uri() for name in TEXTS]
    found = {uri: client.diagnostics(uri) for uri in uris}
    if client.pulls:
        client.request("workspace/diagnostic", {"previousResultIds": []})
    return found


def every_action(client: RawClient, found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    for uri, diagnostics in found.items():
        for diagnostic in diagnostics:
            context = {"diagnostics": [diagnostic]}
            params = {"textDocument": {"uri": uri}, "range": diagnostic["range"], "context": context}
            actions += client.request("textDocument/codeAction", params) or []
    return actions


def run_some_actions(house: Household, client: RawClient) -> None:
    actions = every_action(client, open_all(house, client))
    assert len(actions) > MOST_RUN
    # Each costs the half second that the server waits for the editor's next report.
    for action in actions[:: len(actions) // MOST_RUN + 1]:
        client.request("workspace/executeCommand", action["command"])


def edited(_: object) -> dict[str, bool]:
    return {"applied": True}


def refused(_: object) -> dict[str, Any]:
    return {"applied": False, "failureReason": f"no {GITHUB}", "failedChange": 0}


@pytest.mark.usefixtures("own_interpreter")
@pytest.mark.parametrize(
    ("level", "answer", "editor", "is_started"),
    [
        ("error", edited, "vscode-1.139", False),
        ("debug", edited, "vscode-1.139", True),
        ("debug", refused, "neovim-0.10", False),
    ],
)
def test_no_token_leaves_a_server_that_moves(
    unlocked: dict[str, str],
    set_up: SetUp,
    folder: Path,
    level: str,
    answer: Callable[[object], object],
    editor: str,
    is_started: bool,
) -> None:
    """Every finding in every kind of file, open or not, all actions offered, edits made and refused."""
    house = Household(unlocked, folder)
    # What a start shows of itself is the same for every level and editor.
    with contextlib.nullcontext() if is_started else set_up():
        found = serve(
            house,
            level,
            lambda client: run_some_actions(house, client),
            editor,
            **{"workspace/applyEdit": answer},
        )
    assert found == []


@pytest.mark.parametrize("level", LEVELS)
def test_no_token_leaves_a_server_that_is_sent_nonsense(
    absent: dict[str, str], folder: Path, level: str
) -> None:
    """Malformed messages that hold canaries, hostile settings files, no keyring, and an end in mid-message."""
    house = Household(absent, folder)
    house.plant("tokenward.toml", f'"{GITHUB}" = "{NPM}"\nenv-file = "{NPM}"\nworkspace-name = [')
    settings = house.home / ".config" / "tokenward" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'log-level = "{GITHUB}"\n"{NPM}" = 1\nvault-file = "{GITHUB}"\n')
    house.planted.append(settings)
    assert serve(house, level, lambda client: send_nonsense(house, client)) == []


def send_nonsense(house: Household, client: RawClient) -> None:
    run_some_actions(house, client)
    uri = (house.folder / "app.py").as_uri()
    identifier = {"uri": uri, "version": 2}
    for changes in (GITHUB, [GITHUB], [{"text": {GITHUB: NPM}}], [{"range": {"start": GITHUB}, "text": NPM}]):
        client.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})
    for params in (
        GITHUB,
        [GITHUB],
        {"textDocument": GITHUB},
        {"textDocument": {"uri": [GITHUB]}},
        {GITHUB: NPM},
    ):
        for method in (
            "textDocument/didOpen",
            "textDocument/codeAction",
            "workspace/executeCommand",
            "initialize",
        ):
            client.notify(method, params)
            client.request(method, params) if method != "initialize" else None
    for command in (
        f"tokenward.server.{name}" for name in ("move", "ignore", "allow", "check", "revoke", "openPage")
    ):
        for argument in (
            GITHUB,
            {"uri": uri, "version": 1, "fingerprint": GITHUB, "name": NPM, "line": 1, "column": 0},
        ):
            client.request("workspace/executeCommand", {"command": command, "arguments": [argument]})
    client.notify(
        "workspace/didChangeConfiguration", {"settings": {"tokenward": {GITHUB: NPM, "enabled": NPM}}}
    )
    client.notify("$/setTrace", {"value": "verbose"})
    client.notify("$/setTrace", {"value": GITHUB})
    client.notify("$/cancelRequest", {"id": GITHUB})
    client.send(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"' + GITHUB.encode())
    client.send(json.dumps([GITHUB, {"jsonrpc": NPM}]).encode())
    client.send(json.dumps({"jsonrpc": "2.0", "result": GITHUB, "id": 12345}).encode())
    client.send(json.dumps({"jsonrpc": "2.0", "error": {"code": 1, "message": NPM}, "id": 12345}).encode())
    client.send(GITHUB.encode() + b"\xff\xfe")
    client.request("textDocument/codeAction", {"textDocument": {"uri": uri}})
    client.send_raw(b"Content-Length: 9999\r\n\r\n" + GITHUB.encode())


COMMANDS: list[tuple[list[str], bytes]] = [
    (["move", "a.env"], b""),
    (["move", "app.py"], b""),
    (["move", "app.py:3", "--name", "CHOSEN"], b""),
    (["move", "keys.json"], b""),
    (["move", "keys.yaml"], b""),
    (["move", "--all", "--dry-run", "--store-only"], b""),
    (["move", "keys.yaml", "--store-only"], b""),
    (["move", "keys.json", "--inject"], b""),
    (["move", ".", "--yes"], b""),
    (["move", "names.py"], b""),
    (["move", "broken.py"], b""),
    (["move", "notes.xyz"], b""),
    (["put", "PUT_ONE"], GITHUB.encode()),
    (["put", "PUT_ONE"], NPM.encode()),
    (["put", "PUT_ONE", "--replace"], NPM.encode()),
    (["put", "PUT_ONE", "--replace"], GITHUB.encode()),
    (["put", "ABSENT", "--replace"], GITHUB.encode()),
    (["put", "PEM"], PEM.encode()),
    (["put", "not a name"], GITHUB.encode()),
    (["put", "BAD"], GITHUB.encode() + b"\xff\x00"),
    (["get", "ABSENT"], b""),
    (["list"], b""),
    (["list", "--format", "json"], b""),
    (["workspaces"], b""),
    (["run", "--", "true"], b""),
    (["run", "--env-file", "a.env", "--", "false"], b""),
    (["run", "--env-file", "keys.json", "--", "true"], b""),
    (["run", "--", "no-such-command"], b""),
    (["credential", "add", "https://git.example.com", "PUT_ONE"], b""),
    (["credential", "list"], b""),
    (["rm", "PUT_ONE", "--yes"], b""),
    (["rm", "PUT_ONE"], b""),
    (["bind", "acme-api"], b""),
    (["inject", "app.py", "--output", "app.py"], b""),
    (["restore", "notes.xyz"], b""),
    (["check", "app.py:2"], b""),
    (["check", "-", "--yes", "--host", "api.example.com"], GITHUB.encode()),
    (["check", "-"], GITHUB.encode() + b"\xff"),
    (["revoke", "a.env", "--yes", "--host", "api.example.com"], b""),
    (["revoke", "keyring://acme-api/PUT_ONE"], b""),
    (["doctor", "--test-entry"], b""),
    (["vault", "init"], b""),
]

AT_KEYRING = [
    (words, given)
    for words, given in COMMANDS
    if words[0] in {"put", "get", "rm", "run", "inject", "restore", "check", "doctor"}
    or words[1:2] in (["a.env"], ["app.py"])
]
"""What comes to the keyring, by each way once."""

CUSTODY: list[tuple[list[str], bytes]] = [
    (["run", "--env-file", "masked.env", "--mask", "--", "env"], b""),
    (["run", "--env-file", "masked.env", "--only", "NONE", "--", "env"], b""),
    (["scan"], b""),
    (["lease", "PUT_ONE", "--for", "8h", "--uses", "5", "--confirm", "session"], b""),
    (["lease", "PUT_ONE", "--no-end"], b""),
    (["get", "PUT_ONE"], b""),
    (["env", "--env-file", "masked.env"], b""),
    (["review", "--log", "access.log"], b""),
    (["review", "--log", "access.log", "--format", "json"], b""),
    (["review", "--log", "access.log", "--format", "html", "--output", "review.html"], b""),
    (["review", "--log", "keys.json"], b""),
    (["report", "--output", "report.html"], b""),
    (["ledger", "show"], b""),
    (["ledger", "verify"], b""),
    (["ledger", "export", "--output", "ledger.ndjson"], b""),
    (["ledger", "prune"], b""),
    (["rename", "PUT_ONE", "PUT_TWO"], b""),
    (["rename", "PUT_TWO", "PUT_ONE"], b""),
]
"""What works on stored tokens and on the ledger, which hardly depends on the kind of keyring."""


def run_commands(
    house: Household, commands: list[tuple[list[str], bytes]], *, start_each_verb: bool = False
) -> list[str]:
    """Run commands and return the leaks, of which the kernel shows those in a process that is started, not forked."""
    for name, (_, text) in TEXTS.items():
        house.plant(name, text)
    (house.folder / "a.env").write_text(TEXTS["a.env"][1] + "\nSTARTED=1\n")
    house.plant(
        ".env", f"STARTED=1\nA={GITHUB}\nB=keyring://acme-api/PUT_ONE\nC=keyring://other/X\n{NPM}=${{A}}\n"
    )
    house.plant("masked.env", "STARTED=1\nB=keyring://acme-api/PUT_ONE\n")
    uses = [{"action": NPM, "actor_ip": GITHUB, "@timestamp": 1, "hashed_token": value} for value in VALUES]
    house.plant("access.log", "".join(f"{json.dumps(use)}\n" for use in uses))
    with watching(os.getpid()) as watch:
        seen = set[str]()
        for arguments, given in commands:
            is_new = start_each_verb and arguments[0] not in seen
            done = tokenward(house, *arguments, given=given, is_forked=not is_new)
            seen.add(arguments[0])
            house.keep(f"{arguments} ({done.returncode})", done.stdout + done.stderr)
            assert done.returncode != 70, (arguments, done.stderr)
    # The environment of the command that `run` starts is where its tokens belong.
    started = [
        where
        for where, content in watch.seen.items()
        if where.startswith("environ") and b"\0STARTED=1" in content
    ]
    for where in started:
        del watch.seen[where]
    return house.leaks() + watch.leaks(VALUES)


def tokenward(
    house: Household, *arguments: str, given: bytes = b"", is_forked: bool = True
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tokenward.cli", *arguments],
        executable=None if is_forked else sys.executable,
        cwd=house.folder,
        env=house.environment,
        input=given,
        capture_output=True,
        check=False,
    )


def test_no_token_leaves_the_command_line(unlocked: dict[str, str], folder: Path) -> None:
    """Every verb, in success and failure; afterwards, only an explicit request prints a value."""
    house = Household(unlocked, folder)
    removal = COMMANDS.index((["rm", "PUT_ONE", "--yes"], b""))
    commands = [*COMMANDS[:removal], *CUSTODY, *COMMANDS[removal:]]
    # How a program is started, and what its command line shows, is the same for all words of a verb and every keyring.
    assert run_commands(house, commands, start_each_verb=True) == []
    done = tokenward(house, "get", "PEM")
    assert done.stdout.decode().strip() == PEM
    house.keep("get's stderr", done.stderr)
    restored = tokenward(house, "restore", "a.env")
    assert GITHUB in (folder / "a.env").read_text()
    house.keep("restore", restored.stdout + restored.stderr)
    assert house.leaks() == []


def test_no_token_leaves_the_command_line_where_there_is_no_keyring(
    absent: dict[str, str], folder: Path
) -> None:
    assert run_commands(Household(absent, folder), COMMANDS) == []


@pytest.mark.parametrize("backend", ["Telltale", "Truncating", "Forgetful", "Leaving", "Mirror"])
def test_no_token_leaves_with_a_keyring_that_fails(
    absent: dict[str, str], folder: Path, backend: str
) -> None:
    """Above all a keyring whose exception holds the value."""
    house = Household(absent, folder)
    (house.root / "fake").mkdir()
    settings = house.home / ".config" / "tokenward" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('allowed-backends = ["fake_backends"]\n')
    house.environment |= {
        "PYTHON_KEYRING_BACKEND": f"fake_backends.{backend}",
        "FAKE_KEYRING": str(house.root / "fake"),
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }
    assert run_commands(house, AT_KEYRING) == []


def test_a_typed_value_is_not_repeated(unlocked: dict[str, str], folder: Path) -> None:
    """On the command line it is the user's own choice, which no message makes worse."""
    house = Household(unlocked, folder)
    for arguments in (
        ["put", "NAME", GITHUB],
        ["put", GITHUB, NPM],
        ["get", "--" + GITHUB],
        [GITHUB],
        ["check", GITHUB],
        ["revoke", f"{GITHUB}:3"],
    ):
        done = tokenward(house, *arguments)
        assert done.returncode == 2
        house.keep(str(len(house.written)), done.stdout + done.stderr)
    assert house.leaks() == []


def test_damaged_records_tell_nothing(unlocked: dict[str, str], folder: Path) -> None:
    house = Household(unlocked, folder)
    data = house.home / ".local" / "share" / "tokenward"
    tokenward(house, "put", "FIRST", given=GITHUB.encode())
    for name in ("ledger.db", "custody.db", "fingerprint.key"):
        (data / name).write_bytes(b"no record")
        house.plant("a.env", TEXTS["a.env"][1])
        for arguments in (["move", "a.env"], ["put", "SECOND"], ["doctor"], ["run", "--", "true"]):
            done = tokenward(house, *arguments, given=NPM.encode())
            assert done.returncode != 70, done.stderr
            house.keep(f"{name} {arguments}", done.stdout + done.stderr)
    assert house.leaks() == []


WRITINGS: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "a part": lambda value: value[6:-4].encode(),
    "as a name": lambda value: "_".join(value[i : i + 3] for i in range(0, len(value), 3)).upper().encode(),
    "in JSON": lambda value: json.dumps({"a": [value]}).encode(),
    "in JSON in JSON": lambda value: json.dumps(json.dumps({"a": value})).encode(),
    "Base64": lambda value: base64.b64encode(value.encode()),
    "Base64 of a longer text": lambda value: base64.b64encode(b"ab" + value.encode() + b"c"),
    "Base64 for URLs": lambda value: base64.urlsafe_b64encode(b"a" + value.encode()),
    "hexadecimal": lambda value: value.encode().hex().encode(),
    "percent-encoded": lambda value: quote(value, safe="").encode(),
    "UTF-16": lambda value: value.encode("utf-16-le"),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_the_search_finds_every_way_to_write_a_canary(tmp_path: Path, writing: str) -> None:
    for number, value in enumerate(VALUES):
        (tmp_path / "file").write_bytes(b"before " + WRITINGS[writing](value) + b" after")
        assert [leak.split()[0] for leak in leaks_in_files(tmp_path, VALUES)] == [str(number)]


def test_the_search_of_a_household_covers_its_places(absent: dict[str, str], folder: Path) -> None:
    house = Household(absent, folder)
    assert house.leaks() == []
    places = [house.home / "log", house.folder / ".hidden", Path(house.environment["TMPDIR"], "core")]
    for place in places:
        place.write_text(GITHUB)
        assert len(house.leaks()) == 1
        place.unlink()
    house.keep("stderr", GITHUB.encode())
    assert len(house.leaks()) == 1


def test_the_watch_sees_command_lines_and_environments() -> None:
    done = threading.Event()
    with watching(os.getpid()) as watch:
        command = [sys.executable, "-c", "import time; time.sleep(0.5)", GITHUB]
        subprocess.run(command, env={**os.environ, "T": NPM}, check=True)
        done.set()
    assert {leak.split()[2] for leak in watch.leaks([GITHUB])} == {"cmdline"}
    assert {leak.split()[2] for leak in watch.leaks([NPM])} == {"environ"}


def test_no_canary_is_found_where_there_is_none() -> None:
    harmless = json.dumps({"label": "GitHub token (ghp_…, 40 characters)"}).encode()
    assert leaks("harmless", harmless, VALUES) == []
    assert all(len(form) >= 10 for value in VALUES for form in forms(value))
