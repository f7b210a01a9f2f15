"""Generates the names in server and client, the client's types and the tables in docs/ from protocol.json.

`make protocol` calls it; `--check` only reports outdated files.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROTOCOL = ROOT / "server/tokenward/protocol.json"
NAMES_PY = ROOT / "server/tokenward/names.py"
NAMES_TS = ROOT / "client-vscode/src/names.ts"
TYPES_TS = ROOT / "client-vscode/src/protocol.ts"
PAGE = ROOT / "docs/reference/protocol.md"
PREFIX = "tokenward.server."
FROM_LSP = {"Range", "TextEdit"}
NULL = {"type": "null"}

Schema = dict[str, Any]


def main() -> int:
    protocol = json.loads(PROTOCOL.read_text("utf-8"))
    written = {
        NAMES_PY: _between(NAMES_PY, "# ", "".join(_python_names(protocol))),
        NAMES_TS: _between(NAMES_TS, "// ", "".join(_typescript_names(protocol))),
        TYPES_TS: "\n".join(_types(protocol)),
        PAGE: _page(PAGE.read_text("utf-8"), protocol),
    }
    stale = [path for path, text in written.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if "--check" in sys.argv:
            sys.stdout.write(f"{path.relative_to(ROOT)} is out of date; run `make protocol`.\n")
        else:
            path.write_text(written[path], "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


def _between(path: Path, comment: str, text: str) -> str:
    """Return a file with the part between its two markers replaced."""
    begin, end = (
        f"{comment}Generated from protocol.json by `make protocol`.\n",
        f"{comment}End of the generated part.\n",
    )
    head, rest = path.read_text("utf-8").split(begin)
    return head + begin + text + end + rest.split(end)[1]


def _constants(protocol: Schema) -> Iterator[tuple[str, str]]:
    """Yield the constant's name and the id of each command and message."""
    for command, row in protocol["commands"].items():
        yield f"COMMAND_{row.get('constant') or command.removeprefix(PREFIX).upper()}", command
    for method, row in protocol["messages"].items():
        name = re.sub(r"\W", "_", method.partition("/")[2]).upper()
        yield f"METHOD_{row.get('constant') or name}", method


def _python_names(protocol: Schema) -> Iterator[str]:
    for name, value in _constants(protocol):
        # A name with PASS or SECRET in it looks like a password to the linter.
        excuse = "  # noqa: S105" if re.search("PASS|SECRET", name) else ""
        yield f'{name} = "{value}"{excuse}\n'


def _typescript_names(protocol: Schema) -> Iterator[str]:
    for name, value in _constants(protocol):
        yield f'export const {name.replace("COMMAND_", "SERVER_COMMAND_")} = "{value}";\n'


def _types(protocol: Schema) -> Iterator[str]:
    yield "/** The types of the server's commands and messages, generated from protocol.json by `make protocol`. */\n"
    yield f'import type {{ {", ".join(sorted(FROM_LSP))} }} from "vscode-languageserver-protocol";'
    for name, schema in protocol["$defs"].items():
        if name in FROM_LSP:
            continue
        if not schema["properties"]:
            yield f"\nexport type {name} = Record<string, never>;"
            continue
        yield f"\nexport interface {name} {{"
        for key, value in schema["properties"].items():
            mark = "" if key in schema["required"] else "?"
            if "description" in value:
                yield f"  /** {value['description']} */"
            yield f"  readonly {key}{mark}: {_type(value)};"
        yield "}"
    yield "\n/** The argument of each command of the server. */\nexport interface ServerCommands {"
    for command, row in protocol["commands"].items():
        yield f'  "{command}": {_type(row["argument"]) if "argument" in row else "undefined"};'
    yield "}"
    yield "\n/** The result of each command that has one. */\nexport interface CommandResults {"
    for command, row in protocol["commands"].items():
        if "result" in row:
            yield f'  "{command}": {_type(row["result"])};'
    yield "}"
    for name, receiver, is_request in (
        ("ServerRequests", "server", True),
        ("ServerNotifications", "server", False),
        ("ClientRequests", "client", True),
        ("ClientNotifications", "client", False),
    ):
        yield f"\n/** The {'requests' if is_request else 'notifications'} to the {receiver}. */"
        yield f"export interface {name} {{"
        for method, row in protocol["messages"].items():
            if row["to"] == receiver and ("result" in row) is is_request:
                params = _type(row["params"])
                shape = f"{{ params: {params}; result: {_type(row['result'])} }}" if is_request else params
                yield f'  "{method}": {shape};'
        yield "}"
    rows = [*protocol["commands"].values(), *protocol["messages"].values()]
    capabilities = sorted({row["capability"] for row in rows if "capability" in row})
    yield "\n/** The capabilities in `experimental.tokenward`. */"
    yield f"export type Capability = {' | '.join(json.dumps(name) for name in capabilities)};\n"


def _type(schema: Schema) -> str:
    """Return the TypeScript of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"]:
        item = _type(schema["items"])
        return f"readonly ({item})[]" if "|" in item else f"readonly {item}[]"
    if kinds == ["object"]:
        return f"Readonly<Record<string, {_type(schema['additionalProperties'])}>>"
    return " | ".join({"integer": "number"}.get(kind, kind) for kind in kinds)


def _page(page: str, protocol: Schema) -> str:
    """Return the page with its tables replaced, each between `<!-- protocol: NAME -->` and `<!-- end -->`."""

    def table(match: re.Match[str]) -> str:
        rows = _command_rows(protocol) if match[1] == "commands" else _message_rows(protocol, match[1])
        return (
            f"<!-- protocol: {match[1]} -->\n"
            + "".join(f"| {' | '.join(row)} |\n" for row in rows)
            + "<!-- end -->"
        )

    return re.sub(r"<!-- protocol: (\w+) -->.*?<!-- end -->", table, page, flags=re.DOTALL)


def _command_rows(protocol: Schema) -> Iterator[list[str]]:
    yield ["command", "argument", "what it does"]
    yield ["---"] * 3
    for command, row in protocol["commands"].items():
        choices = row["argument"].get("anyOf", [row["argument"]]) if "argument" in row else []
        shapes = " or ".join(f"`{_shape(choice, protocol)}`" for choice in choices)
        yield [f"`{command}`", shapes or "none", row["description"]]


def _message_rows(protocol: Schema, section: str) -> Iterator[list[str]]:
    yield ["message", "params", "result"]
    yield ["---"] * 3
    for method, row in protocol["messages"].items():
        if row["section"] != section:
            continue
        kind = "request" if "result" in row else "notification"
        result = row.get("result")
        choices = [one for one in result.get("anyOf", [result]) if one != NULL] if result else []
        shapes = ", ".join(f"`{_shape(choice, protocol)}`" for choice in choices)
        meaning = ": ".join(filter(None, [shapes, row.get("description", "")]))
        yield [f"{kind} `{method}` to the {row['to']}", f"`{_shape(row['params'], protocol)}`", meaning]


def _shape(schema: Schema, protocol: Schema) -> str:
    """Return a schema for a reader: `{uri, ranges, name?}`."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return name if name in FROM_LSP else _shape(protocol["$defs"][name], protocol)
    keys = []
    for key, value in schema["properties"].items():
        nested = value.get("items", {}).get("$ref", "").rpartition("/")[2]
        is_ours = nested and nested not in FROM_LSP
        inner = f": [{_shape(value['items'], protocol)}]" if is_ours else ""
        keys.append(key + ("" if key in schema["required"] else "?") + inner)
    return f"{{{', '.join(keys)}}}"


if __name__ == "__main__":
    raise SystemExit(main())
