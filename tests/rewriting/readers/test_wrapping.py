"""Servers of assistants with several tokens, and files that no record fits any more."""

from __future__ import annotations

import itertools
import json

import pytest

import tokens
from rewriting.readers import agents_samples
from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret, Span
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import Language, language_of
from tokenward.rewriting.naming import keys_at
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import plan_rewrite
from tokenward.rewriting.undo import UndoStep

PATH = "/w/.mcp.json"
VALUES = {name: tokens.github(name) for name in ("FIRST", "SECOND", "THIRD")}
ORDERS = list(itertools.permutations(VALUES))
TEXT = json.dumps(
    {
        "mcpServers": {
            "a": {
                "command": "npx",
                "args": ["a"],
                "env": {name: VALUES[name] for name in ("FIRST", "SECOND")},
            },
            "b": {"command": "/opt/b", "env": {"THIRD": VALUES["THIRD"]}},
        }
    },
    indent=2,
)


class Moves:
    """Moves out of one text, each with its record."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.undo: dict[str, list[UndoStep]] = {}

    def move(self, name: str) -> None:
        start = self.text.index(VALUES[name])
        span = Span(start, start + len(VALUES[name]))
        rewrite = plan_rewrite(self.text, self._language(), [span], Reference("acme", name))
        self.text = apply_edits(self.text, rewrite.edits)
        self.undo[name] = [UndoStep.from_json(step.to_json()) for step in rewrite.undo]

    def restore(self, name: str, *, with_record: bool = True) -> None:
        undo = self.undo[name] if with_record else []
        value = Secret(VALUES[name])
        self.text = apply_edits(
            self.text, plan_restore(self.text, self._language(), undo, Reference("acme", name), value)
        )

    def servers(self) -> dict[str, dict[str, object]]:
        servers: dict[str, dict[str, object]] = json.loads(self.text)["mcpServers"]
        return servers

    def _language(self) -> Language:
        language = language_of(PATH, None, self.text)
        assert language is not None
        return language


def assert_resolved(moves: Moves) -> None:
    """Check that each server with a reference is started by `tokenward run`."""
    for server in moves.servers().values():
        if "keyring://" in json.dumps(server["env"]):
            assert server["command"] == "tokenward"
            assert server["args"][:3] == ["run", "--no-env-file", "--"]  # type: ignore[index]
        elif server["command"] == "tokenward":
            assert server["args"][0] == "run"  # type: ignore[index]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("back", ORDERS, ids="-".join)
def test_no_order_of_moves_and_restores_leaves_a_server_without_its_values(
    order: tuple[str, ...], back: tuple[str, ...]
) -> None:
    moves = Moves(TEXT)
    for name in order:
        moves.move(name)
        assert_resolved(moves)
    assert moves.text.count('"run"') == len(moves.servers())
    for name in back:
        moves.restore(name)
        assert_resolved(moves)
    assert "keyring://" not in moves.text
    assert all(value in moves.text for value in VALUES.values())


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_restores_in_the_opposite_order_bring_the_file_back_byte_for_byte(order: tuple[str, ...]) -> None:
    moves = Moves(TEXT)
    for name in order:
        moves.move(name)
    for name in reversed(order):
        moves.restore(name)
    assert moves.text == TEXT


def test_without_a_record_only_the_value_returns_and_the_server_still_starts() -> None:
    moves = Moves(TEXT)
    moves.move("FIRST")
    moves.restore("FIRST", with_record=False)
    server = moves.servers()["a"]
    assert server["env"] == {name: VALUES[name] for name in ("FIRST", "SECOND")}
    assert server["args"] == ["run", "--no-env-file", "--", "npx", "a"]


def test_a_record_never_holds_text_of_the_file_but_its_structure() -> None:
    for sample in agents_samples.SAMPLES:
        text = sample.text.replace("T0K", VALUES["FIRST"])
        language = language_of(f"/w/{sample.path}", None, text)
        assert language is not None
        start = text.index(VALUES["FIRST"])
        span = Span(start, start + len(VALUES["FIRST"]))
        for step in plan_rewrite(text, language, [span], Reference("acme", "API_KEY")).undo:
            assert UndoStep.from_json(step.to_json()) == step
            assert "server" not in step.inserted + step.before


@pytest.mark.parametrize("before", ["secret", '", "args": ["--token", "', "npx -y", "http_headers = "])
def test_a_record_with_other_text_is_not_read(before: str) -> None:
    with pytest.raises(ValueError, match="only delimiters"):
        UndoStep(0, "tokenward", before, carries_value=False)


def test_a_list_of_allowed_commands_names_no_token() -> None:
    text = json.dumps({"permissions": {"allow": [f"Bash(curl -H 'Authorization: token {VALUES['FIRST']}')"]}})
    start = text.index(VALUES["FIRST"])
    language = language_of("/w/.claude/settings.json", None, text)
    assert language is not None
    assert keys_at(text, language, Span(start, start + len(VALUES["FIRST"]))) == ()


FOLDERS = {
    "${workspaceFolder}": True, "server/a..b": True, ".": True, "/srv": False, "~/x": False, "C:\\x": False,
    "..": False, "a/../../x": False, "${workspaceFolder}/..": False, "${userHome}/x": False,
}  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("file", [".vscode/mcp.json", ".vscode/tasks.json"])
def test_a_program_that_starts_in_another_folder_is_not_wrapped(folder: str, file: str) -> None:
    """There, nothing would resolve the reference, and the program would not start any more."""
    server = {"command": "npx", "args": ["a"], "cwd": folder, "env": {"FIRST": VALUES["FIRST"]}}
    options = {"cwd": folder, "env": server["env"]}
    task = {"label": "a", "type": "process", "command": "npx", "args": ["a"], "options": options}
    text = json.dumps({"tasks": [task]} if "tasks" in file else {"servers": {"a": server}}, indent=1)
    language = language_of(f"/w/{file}", None, text)
    assert language is not None
    start = text.index(VALUES["FIRST"])
    place = [Span(start, start + len(VALUES["FIRST"]))]
    if FOLDERS[folder]:
        assert plan_rewrite(text, language, place, Reference("acme", "FIRST")).edits
    else:
        with pytest.raises(RewriteRefused, match="`cwd`"):
            plan_rewrite(text, language, place, Reference("acme", "FIRST"))


@pytest.mark.parametrize(
    ("options", "is_limited"),
    [(["--only", "A"], True), (["--only=A"], True), (["--mask"], False), (["--", "x", "--only"], False)],
)
def test_a_server_that_gets_only_some_variables_does_not_lose_one(
    options: list[str], *, is_limited: bool
) -> None:
    arguments = ["run", *options, *([] if "--" in options else ["--", "x"])]
    server = {"command": "tokenward", "args": arguments, "env": {"FIRST": VALUES["FIRST"]}}
    moves = Moves(json.dumps({"mcpServers": {"a": server}}))
    if is_limited:
        with pytest.raises(RewriteRefused, match="--only"):
            moves.move("FIRST")
    else:
        moves.move("FIRST")
        assert moves.servers()["a"]["args"] == arguments


@pytest.mark.parametrize(
    "table", ['a = { command = "npx", = 1, env = { A = "T0K" } }', 'a = { env = { A = "T0K" }, b = }']
)
def test_a_table_that_does_not_parse_is_refused(table: str) -> None:
    text = f"[mcp_servers]\n{table}\n".replace("T0K", VALUES["FIRST"])
    language = language_of("/w/.codex/config.toml", None, text)
    assert language is not None
    start = text.index(VALUES["FIRST"])
    with pytest.raises(RewriteRefused):
        plan_rewrite(text, language, [Span(start, start + len(VALUES["FIRST"]))], Reference("acme", "A"))
