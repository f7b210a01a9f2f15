"""Two tokens in the headers of one server: each moves by the client's own way, and is put back without the other."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from rewriting.moving import TOKEN
from tokenward.model import Reference, Secret, Span
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.languages import Language, language_of
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import Rewrite, plan_rewrite

VALUES = {"FIRST": TOKEN, "SECOND": TOKEN[::-1]}
REFERENCES = {name: Reference("acme", name) for name in VALUES}
HEADERS = {"Authorization": f"Bearer {VALUES['FIRST']}", "X-Key": VALUES["SECOND"], "X-Other": "b"}
_CODEX = "\n".join(f'{name} = "{value}"' for name, value in HEADERS.items())
_IN_LINE = ", ".join(_CODEX.splitlines())


def _json(servers: str) -> str:
    return json.dumps(
        {servers: {"a": {"type": "http", "url": "https://example.com", "headers": HEADERS}}}, indent=2
    )


BY_HELPER = {"Authorization": f"Bearer {REFERENCES['FIRST']}", "X-Key": str(REFERENCES["SECOND"])}
BY_NAME = {"Authorization": "FIRST", "X-Key": "SECOND"}


def _look_ups(look_up: str) -> dict[str, str]:
    return {
        name: f"{'Bearer ' * (name != 'X-Key')}{look_up.replace('NAME', BY_NAME[name])}" for name in BY_NAME
    }


FILES: dict[str, tuple[str, dict[str, str]]] = {
    ".mcp.json": (_json("mcpServers"), BY_HELPER),
    ".claude.json": (_json("mcpServers"), BY_HELPER),
    ".cursor/mcp.json": (_json("mcpServers"), _look_ups("${env:NAME}")),
    ".vscode/mcp.json": (_json("servers"), _look_ups("${input:NAME}")),
    ".codex/config.toml": (f'[mcp_servers.a]\nurl = ""\nhttp_headers = {{ {_IN_LINE} }}\n', BY_NAME),
    "x/.codex/config.toml": (f'[mcp_servers.a]\nurl = ""\n[mcp_servers.a.http_headers]\n{_CODEX}\n', BY_NAME),
    ".gemini/settings.json": (_json("mcpServers"), _look_ups("${NAME}")),
    ".github/mcp.json": (_json("mcpServers"), _look_ups("${NAME}")),
    "opencode.json": (_json("mcp"), _look_ups("{env:NAME}")),
    ".codeium/mcp_config.json": (_json("mcpServers"), _look_ups("${env:NAME}")),
    "cline_mcp_settings.json": (_json("mcpServers"), _look_ups("${env:NAME}")),
    ".kiro/settings/mcp.json": (_json("mcpServers"), _look_ups("${NAME}")),
}
"""Files of clients, and what each sends after both moves, with lookups instead of values."""


def language(path: str, text: str) -> Language:
    found = language_of(f"/w/{path}", None, text)
    assert found is not None
    return found


def moved(path: str, text: str, name: str) -> tuple[str, Rewrite]:
    start = text.index(VALUES[name])
    span = Span(start, start + len(VALUES[name]))
    rewrite = plan_rewrite(text, language(path, text), [span], REFERENCES[name])
    return apply_edits(text, rewrite.edits), rewrite


def put_back(path: str, text: str, name: str, rewrite: Rewrite) -> str:
    edits = plan_restore(text, language(path, text), rewrite.undo, REFERENCES[name], rewrite.value)
    return apply_edits(text, edits)


def sent(path: str, text: str) -> dict[str, str]:
    """Return the headers that a client sends, with its lookups."""
    top: Any = tomllib.loads(text) if path.endswith(".toml") else json.loads(text)
    (server,) = next(value for key, value in top.items() if key != "inputs").values()
    own: dict[str, str] = server.get("headers", server.get("http_headers", {})) | server.get(
        "env_http_headers", {}
    )
    words = server.get("headersHelper", "").split('"')[1::2]
    return own | dict(word.split(": ", 1) for word in words)


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("order", [("FIRST", "SECOND"), ("SECOND", "FIRST")])
def test_both_tokens_move_and_are_restored_byte_for_byte(path: str, order: tuple[str, str]) -> None:
    text, expected = FILES[path]
    once, first = moved(path, text, order[0])
    twice, second = moved(path, once, order[1])
    assert not [value for value in VALUES.values() if value in twice]
    assert sent(path, twice) == {**expected, "X-Other": "b"}
    assert put_back(path, twice, order[1], second) == once
    assert put_back(path, once, order[0], first) == text


@pytest.mark.parametrize("path", [".mcp.json", ".claude.json"])
@pytest.mark.parametrize("name", VALUES)
def test_a_helper_answers_no_longer_for_a_token_that_was_put_back(path: str, name: str) -> None:
    """The record of the earlier move fits no more, since the later one changed the command that it inserted."""
    text, _ = FILES[path]
    once, first = moved(path, text, "FIRST")
    twice, second = moved(path, once, "SECOND")
    back = put_back(path, twice, name, first if name == "FIRST" else second)
    other = next(one for one in VALUES if one != name)
    assert sent(path, back) == {
        header: HEADERS[header] if word == name else BY_HELPER[header] for header, word in BY_NAME.items()
    } | {"X-Other": "b"}
    assert put_back(path, back, other, second if name == "FIRST" else first) == text


def test_a_value_is_put_back_without_a_record() -> None:
    text, _ = FILES[".mcp.json"]
    twice, _ = moved(".mcp.json", moved(".mcp.json", text, "FIRST")[0], "SECOND")
    for name, value in VALUES.items():
        edits = plan_restore(twice, language(".mcp.json", twice), (), REFERENCES[name], Secret(value))
        twice = apply_edits(twice, edits)
    assert twice == text
