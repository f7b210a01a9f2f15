"""Made-up files in the formats of agents, editors and shells, one for each row of the table, each with one token."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenward.operations.transcripts.databases import zstandard
from tokenward.operations.transcripts.transcript_files import Arrival

PASTED, READ, PRINTED, REPEATED, LEFT = Arrival
TIME = "2026-11-02T10:20:30.123Z"
SECONDS = 1_793_614_830
Make = Callable[[Path, str], None]


@dataclass(frozen=True)
class Sample:
    """A file of a row.

    Attributes:
        path: below the home folder, or the workspace for a row without a base.
        make: writes it with a token.
        origins: how the token got there, each place of it.
        is_timed: its content says when.
    """

    path: str
    make: Make
    origins: tuple[Arrival, ...]
    is_timed: bool = True


def lines(*records: Callable[[str], Any]) -> Make:
    def make(path: Path, token: str) -> None:
        path.write_text("".join(f"{json.dumps(record(token))}\n" for record in records))

    return make


def document(record: Callable[[str], Any]) -> Make:
    return lambda path, token: (path.write_text(json.dumps(record(token), indent=2)), None)[1]


def text(content: str) -> Make:
    return lambda path, token: (path.write_text(content.replace("TOKEN", token)), None)[1]


def binary(content: bytes) -> Make:
    return lambda path, token: (path.write_bytes(content.replace(b"TOKEN", token.encode())), None)[1]


def database(script: str, *rows: tuple[str, Callable[[str], Sequence[Any]]]) -> Make:
    """Write a database with a write-ahead log, as agents do."""

    def make(path: Path, token: str) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(script)
            for query, values in rows:
                connection.execute(query, values(token))

    return make


def claude(kind: str, content: Any, **rest: Any) -> dict[str, Any]:
    base = {"parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/w", "sessionId": "s"}
    return {
        **base,
        "type": kind,
        "message": {"role": kind, "content": content},
        "uuid": "u",
        "timestamp": TIME,
        **rest,
    }


def claude_call(name: str, arguments: Any) -> dict[str, Any]:
    return claude(
        "assistant", [{"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": arguments}]
    )


def claude_result(name: str, content: str, response: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": f"toolu_{name}", "content": content}
    return claude("user", [block], toolUseResult=response)


CLAUDE = lines(
    lambda token: claude("user", f"use {token} é"),
    lambda token: claude_call("Read", {"file_path": "/w/.env"}),
    lambda token: claude_result(
        "Read", f"1\tKEY={token}\n", {"type": "text", "file": {"content": f"KEY={token}"}}
    ),
    lambda token: claude_call("Bash", {"command": f"curl -H 'Authorization: Bearer {token}' x"}),
    lambda token: claude_result(
        "Bash", f"\u001b[1mKEY\u001b[0m {token}", {"stdout": f'"{token}"', "stderr": ""}
    ),
    lambda token: claude("assistant", [{"type": "text", "text": f"Your token is {token}."}]),
)
CLAUDE_ORIGINS = (PASTED, READ, READ, REPEATED, PRINTED, PRINTED, REPEATED)


def codex(kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": TIME, "type": kind, "payload": payload}


def codex_message(role: str, kind: str, words: str) -> dict[str, Any]:
    return codex("response_item", type="message", role=role, content=[{"type": kind, "text": words}])


CODEX = lines(
    lambda token: codex("session_meta", id="s", cwd="/w", originator="codex_exec"),
    lambda token: codex_message("user", "input_text", f"use {token}"),
    lambda token: codex(
        "response_item",
        type="function_call",
        name="exec_command",
        arguments=json.dumps({"cmd": f'echo "{token}"'}),
        call_id="call_0",
    ),
    lambda token: codex(
        "response_item", type="function_call_output", call_id="call_0", output=f"Output:\n{token}\n"
    ),
    lambda token: codex_message("assistant", "output_text", f"It is {token}"),
)
CODEX_ORIGINS = (PASTED, REPEATED, PRINTED, REPEATED)

KEY_VALUE = "CREATE TABLE {} (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB);"
CURSOR = database(
    KEY_VALUE.format("ItemTable") + KEY_VALUE.format("cursorDiskKV"),
    (
        "INSERT INTO cursorDiskKV VALUES ('bubbleId:c:1', ?)",
        lambda token: [json.dumps({"type": 1, "bubbleId": "1", "createdAt": TIME, "text": f"use {token}"})],
    ),
    (
        "INSERT INTO cursorDiskKV VALUES ('bubbleId:c:2', ?)",
        lambda token: [
            json.dumps(
                {
                    "type": 2,
                    "bubbleId": "2",
                    "createdAt": TIME,
                    "text": "",
                    "toolFormerData": {
                        "name": "read_file",
                        "result": json.dumps({"contents": f"KEY={token}"}),
                    },
                }
            ).encode()
        ],
    ),
)
PROMPTS = database(
    KEY_VALUE.format("ItemTable"),
    (
        "INSERT INTO ItemTable VALUES ('aiService.prompts', ?)",
        lambda token: [json.dumps([{"text": f"use {token}", "commandType": 4}])],
    ),
)
MESSAGES = document(
    lambda token: [
        {"role": "user", "content": [{"type": "text", "text": f"use {token}"}], "ts": SECONDS * 1000},
        {"role": "assistant", "content": [{"type": "text", "text": f"I use {token}"}], "ts": SECONDS * 1000},
    ]
)
CHAT_SESSION = {
    "requests": lambda token: [
        {
            "requestId": "r",
            "timestamp": SECONDS * 1000,
            "message": {"text": "go"},
            "response": [
                {"value": f"It is {token}"},
                {"kind": "toolInvocationSerialized", "resultDetails": {"output": [{"value": token}]}},
            ],
        }
    ]
}


def chat_session(token: str) -> dict[str, Any]:
    return {"version": 3, "requests": CHAT_SESSION["requests"](token)}


VS_CODE_CHAT = document(chat_session)
VS_CODE_LINES = lines(lambda token: {"kind": 0, "v": chat_session(token)})
CHAT_ORIGINS = (REPEATED, PRINTED)
COPILOT = lines(
    lambda token: {"type": "user.message", "data": {"content": f"use {token}"}, "timestamp": TIME},
    lambda token: {
        "type": "tool.execution_start",
        "data": {"toolCallId": "c", "toolName": "view", "arguments": {"path": "/w/.env"}},
        "timestamp": TIME,
    },
    lambda token: {
        "type": "tool.execution_complete",
        "data": {"toolCallId": "c", "success": True, "result": {"content": f"KEY={token}"}},
        "timestamp": TIME,
    },
    lambda token: {"type": "assistant.message", "data": {"content": token}, "timestamp": TIME},
)
GEMINI_MESSAGES = (
    lambda token: {"id": "1", "timestamp": TIME, "type": "user", "content": f"use {token}"},
    lambda token: {
        "id": "2",
        "timestamp": TIME,
        "type": "gemini",
        "content": f"I use {token}",
        "toolCalls": [
            {
                "id": "c",
                "name": "read_file",
                "args": {"path": ".env"},
                "result": [{"functionResponse": {"response": {"output": f"KEY={token}"}}}],
            }
        ],
    },
)
GEMINI_ORIGINS = (PASTED, REPEATED, READ)
OPENCODE = database(
    "CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER NOT NULL,"
    " time_updated INTEGER NOT NULL, data TEXT NOT NULL);"
    "CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL,"
    " time_created INTEGER NOT NULL, time_updated INTEGER NOT NULL, data TEXT NOT NULL);",
    *(
        ("INSERT INTO message VALUES (?, 's', ?, ?, ?)", lambda _, row=row: row)
        for row in (
            ("m1", SECONDS * 1000, SECONDS * 1000, '{"role":"user"}'),
            ("m2", SECONDS * 1000, SECONDS * 1000, '{"role":"assistant"}'),
        )
    ),
    *(
        (
            "INSERT INTO part VALUES (?, ?, 's', ?, ?, ?)",
            lambda token, part=part: (
                part[0],
                part[1],
                SECONDS * 1000,
                SECONDS * 1000,
                json.dumps(part[2](token)),
            ),
        )
        for part in (
            ("p1", "m1", lambda token: {"type": "text", "text": f"use {token}"}),
            ("p2", "m2", lambda token: {"type": "text", "text": f"I use {token}"}),
            (
                "p3",
                "m2",
                lambda token: {
                    "type": "tool",
                    "tool": "bash",
                    "callID": "c",
                    "state": {"status": "completed", "input": {"command": "env"}, "output": f"KEY={token}"},
                },
            ),
        )
    ),
)
CONTINUE = document(
    lambda token: {
        "sessionId": "s",
        "dateCreated": str(SECONDS * 1000),
        "history": [
            {"message": {"role": "user", "content": f"use {token}"}},
            {"message": {"role": "assistant", "content": f"I use {token}"}},
            {"message": {"role": "tool", "content": f"KEY={token}"}},
        ],
    }
)
GOOSE = database(
    "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT, session_id TEXT NOT NULL,"
    " role TEXT NOT NULL, content_json TEXT NOT NULL, created_timestamp INTEGER NOT NULL);",
    *(
        (
            "INSERT INTO messages (session_id, role, content_json, created_timestamp) VALUES ('s', ?, ?, ?)",
            lambda token, row=row: (row[0], json.dumps(row[1](token)), SECONDS),
        )
        for row in (
            ("user", lambda token: [{"type": "text", "text": f"use {token}"}]),
            (
                "user",
                lambda token: [
                    {
                        "type": "toolResponse",
                        "id": "c",
                        "toolResult": {"value": [{"type": "text", "text": token}]},
                    }
                ],
            ),
            ("assistant", lambda token: [{"type": "text", "text": f"I use {token}"}]),
        )
    ),
)
GOOSE_LINES = lines(
    lambda token: {"role": "user", "created": SECONDS, "content": [{"type": "text", "text": f"use {token}"}]},
    lambda token: {"role": "assistant", "created": SECONDS, "content": [{"type": "text", "text": token}]},
)
AIDER = text(
    "# aider chat started at 2026-11-02 10:20:30\n\n> Aider v0.86\n\n#### use TOKEN\n\n"
    "I will use TOKEN\n\n> KEY=TOKEN\n"
)
KIRO = lines(
    lambda token: {"role": "user", "timestamp": TIME, "content": [{"type": "text", "text": f"use {token}"}]},
    lambda token: {"role": "assistant", "timestamp": TIME, "content": [{"type": "text", "text": token}]},
)
AMAZON_Q = database(
    "CREATE TABLE conversations (key TEXT PRIMARY KEY, value TEXT);",
    (
        "INSERT INTO conversations VALUES ('/w', ?)",
        lambda token: [
            json.dumps(
                {
                    "history": [
                        {
                            "user": {"content": {"Prompt": {"prompt": f"use {token}"}}, "timestamp": TIME},
                            "assistant": {"Response": {"content": f"I use {token}"}},
                        },
                        {
                            "user": {
                                "content": {"ToolUseResults": {"tool_use_results": [{"content": [token]}]}}
                            }
                        },
                    ]
                }
            )
        ],
    ),
)
Q_ORIGINS = (PASTED, REPEATED, PRINTED)
JUNIE = lines(
    lambda token: {"type": "prompt", "text": f"use {token}", "timestamp": SECONDS * 1000},
    lambda token: {"type": "tool_result", "output": f"KEY={token}", "timestamp": SECONDS * 1000},
)


def zed(token: str) -> bytes:
    result = {"tool_use_id": "c", "tool_name": "terminal", "is_error": False, "content": [{"Text": token}]}
    call = {"id": "c", "name": "terminal", "raw_input": "{}", "input": {"command": "env"}}
    read = {**result, "tool_use_id": "d", "tool_name": "read_file", "output": f"KEY={token}"}
    messages = [
        {"User": {"id": "u", "content": [{"Text": f"use {token}"}]}},
        {"User": {"id": "v", "content": [{"Mention": {"uri": {"File": "/w/a"}, "content": token}}]}},
        {
            "Agent": {
                "content": [{"Text": f"I use {token}"}, {"ToolUse": call}],
                "tool_results": {"c": result, "d": read},
            }
        },
        "Resume",
    ]
    thread = json.dumps({"title": "go", "messages": messages, "version": "0.3.0"})
    packed: bytes = zstandard().compress(thread.encode(), 3)
    return packed


ZED = database(
    "CREATE TABLE threads (id TEXT PRIMARY KEY, summary TEXT NOT NULL, updated_at TEXT NOT NULL, data_type TEXT"
    " NOT NULL, data BLOB NOT NULL, parent_id TEXT, folder_paths TEXT, folder_paths_order TEXT, created_at TEXT);",
    (
        "INSERT INTO threads VALUES ('t', 'go', ?, 'zstd', ?, NULL, '/w', '0', ?)",
        lambda token: [TIME, zed(token), TIME],
    ),
)
ZED_ORIGINS = (PASTED, READ, REPEATED, PRINTED, READ, READ)
ANTIGRAVITY = lines(
    lambda token: {
        "step_index": 0,
        "source": "USER_EXPLICIT",
        "type": "USER_INPUT",
        "content": f"use {token}",
    },
    lambda token: {
        "step_index": 1,
        "source": "MODEL",
        "type": "PLANNER_RESPONSE",
        "tool_calls": [{"name": "run_command", "args": {"CommandLine": f"deploy {token}"}}],
    },
)
VIBE = (
    lambda token: {"role": "user", "content": f"use {token}"},
    lambda token: {"role": "tool", "name": "bash", "content": f"KEY={token}", "tool_call_id": "c"},
)
SWAP = (
    b"b0VIM 9.1".ljust(4096, b"\0")
    + b"ad\0\0".ljust(3000, b"\0")
    + b"print()\0\0KEY=TOKEN\0import os\0"
    + bytes(900)
)
UNDO = b"Vim\x9fUnDo\xe5\0\x03" + bytes(range(32)) + b"\0\0\0\x01\0\0\0\x2dKEY=TOKEN\0\0\0\x05\xe7\x81"
FILE_TEXT = text("# settings\nKEY=TOKEN\n")
MEMORY = text("# Memory\n\n- deploys with TOKEN\n")

_C, _X, _USER = ".claude", ".codex", ".config"
_SHARE, _STATE = ".local/share", ".local/state"
SAMPLES: Mapping[str, Sample] = {
    "{CLAUDE_CONFIG_DIR|~/.claude}/projects/*/*.jsonl": Sample(
        f"{_C}/projects/-w/s.jsonl", CLAUDE, CLAUDE_ORIGINS
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/projects/*/*/subagents/*.jsonl": Sample(
        f"{_C}/projects/-w/s/subagents/agent-1.jsonl", CLAUDE, CLAUDE_ORIGINS
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/projects/*/*/tool-results/*": Sample(
        f"{_C}/projects/-w/s/tool-results/toolu_1.txt", FILE_TEXT, (PRINTED,), False
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/projects/*/memory/*.md": Sample(
        f"{_C}/projects/-w/memory/MEMORY.md", MEMORY, (REPEATED,), False
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/history.jsonl": Sample(
        f"{_C}/history.jsonl",
        lines(
            lambda token: {
                "display": f"use {token}",
                "pastedContents": {"1": {"id": 1, "type": "text", "content": f"KEY={token}"}},
                "timestamp": SECONDS * 1000,
                "project": "/w",
            }
        ),
        (PASTED, PASTED),
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/paste-cache/*": Sample(
        f"{_C}/paste-cache/1.txt", FILE_TEXT, (PASTED,), False
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/file-history/*/*": Sample(
        f"{_C}/file-history/s/0123@v1", FILE_TEXT, (READ,), False
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/plans/*.md": Sample(f"{_C}/plans/plan.md", MEMORY, (REPEATED,), False),
    "{CLAUDE_CONFIG_DIR|~/.claude}/todos/*.json": Sample(
        f"{_C}/todos/s.json",
        document(lambda token: [{"content": f"deploy with {token}", "status": "pending", "id": "1"}]),
        (REPEATED,),
        False,
    ),
    "{CLAUDE_CONFIG_DIR|~/.claude}/shell-snapshots/*.sh": Sample(
        f"{_C}/shell-snapshots/snapshot-bash-1.sh", text("export KEY=TOKEN\n"), (PRINTED,), False
    ),
    "{CODEX_HOME|~/.codex}/sessions/**/rollout-*.jsonl": Sample(
        f"{_X}/sessions/2026/11/02/rollout-1.jsonl", CODEX, CODEX_ORIGINS
    ),
    "{CODEX_HOME|~/.codex}/archived_sessions/*.jsonl": Sample(
        f"{_X}/archived_sessions/rollout-1.jsonl", CODEX, CODEX_ORIGINS
    ),
    "{CODEX_HOME|~/.codex}/history.jsonl": Sample(
        f"{_X}/history.jsonl",
        lines(lambda token: {"session_id": "s", "ts": SECONDS, "text": f"use {token}"}),
        (PASTED,),
    ),
    "{CODEX_HOME|~/.codex}/memories/**/*.md": Sample(
        f"{_X}/memories/w/memory.md", MEMORY, (REPEATED,), False
    ),
    "{CODEX_HOME|~/.codex}/shell_snapshots/*": Sample(
        f"{_X}/shell_snapshots/s.sh", text("export KEY=TOKEN\n"), (PRINTED,), False
    ),
    "{CODEX_HOME|~/.codex}/log/*.log": Sample(
        f"{_X}/log/codex-tui.log", text("INFO ToolCall: exec_command TOKEN\n"), (PRINTED,), False
    ),
    "{CODEX_HOME|~/.codex}/*.sqlite": Sample(
        f"{_X}/state_5.sqlite",
        database(
            "CREATE TABLE threads (id TEXT PRIMARY KEY, created_at INTEGER, first_user_message TEXT);",
            ("INSERT INTO threads VALUES ('s', ?, ?)", lambda token: (SECONDS, f"use {token}")),
        ),
        (REPEATED,),
    ),
    "{USER_SETTINGS|}/Cursor/User/globalStorage/state.vscdb": Sample(
        f"{_USER}/Cursor/User/globalStorage/state.vscdb", CURSOR, (PASTED, READ)
    ),
    "{USER_SETTINGS|}/Cursor/User/workspaceStorage/*/state.vscdb": Sample(
        f"{_USER}/Cursor/User/workspaceStorage/w/state.vscdb", PROMPTS, (PASTED,), False
    ),
    "~/.cursor/projects/*/agent-transcripts/**/*.jsonl": Sample(
        ".cursor/projects/w/agent-transcripts/s/s.jsonl", KIRO, (PASTED, REPEATED)
    ),
    "~/.cursor/projects/*/agent-transcripts/*.json": Sample(
        ".cursor/projects/w/agent-transcripts/s.json", MESSAGES, (PASTED, REPEATED)
    ),
    "~/.cursor/projects/*/agent-transcripts/*.txt": Sample(
        ".cursor/projects/w/agent-transcripts/s.txt", MEMORY, (REPEATED,), False
    ),
    "~/.cursor/projects/*/agent-tools/*": Sample(
        ".cursor/projects/w/agent-tools/1.txt", FILE_TEXT, (PRINTED,), False
    ),
    "~/.cursor/projects/*/terminals/*": Sample(
        ".cursor/projects/w/terminals/1.txt", FILE_TEXT, (PRINTED,), False
    ),
    "~/.cursor/chats/*/*/store.db": Sample(
        ".cursor/chats/w/s/store.db",
        database(
            "CREATE TABLE blobs (id TEXT PRIMARY KEY, data BLOB);",
            (
                "INSERT INTO blobs VALUES ('1', ?)",
                lambda token: [json.dumps({"role": "user", "content": f"use {token}"}).encode()],
            ),
        ),
        (PASTED,),
        False,
    ),
    "~/.copilot/session-state/*.jsonl": Sample(
        ".copilot/session-state/s.jsonl", COPILOT, (PASTED, READ, REPEATED)
    ),
    "~/.copilot/session-state/*/events.jsonl": Sample(
        ".copilot/session-state/s/events.jsonl", COPILOT, (PASTED, READ, REPEATED)
    ),
    "~/.copilot/logs/*.log": Sample(".copilot/logs/1.log", FILE_TEXT, (PRINTED,), False),
    "{USER_SETTINGS|}/*/User/workspaceStorage/*/chatSessions/*.jsonl": Sample(
        f"{_USER}/Code/User/workspaceStorage/w/chatSessions/s.jsonl", VS_CODE_LINES, CHAT_ORIGINS
    ),
    "{USER_SETTINGS|}/*/User/workspaceStorage/*/chatSessions/*.json": Sample(
        f"{_USER}/Code/User/workspaceStorage/w/chatSessions/s.json", VS_CODE_CHAT, CHAT_ORIGINS
    ),
    "{USER_SETTINGS|}/*/User/globalStorage/emptyWindowChatSessions/*.jsonl": Sample(
        f"{_USER}/Code/User/globalStorage/emptyWindowChatSessions/s.jsonl", VS_CODE_LINES, CHAT_ORIGINS
    ),
    "{USER_SETTINGS|}/*/User/globalStorage/emptyWindowChatSessions/*.json": Sample(
        f"{_USER}/Code/User/globalStorage/emptyWindowChatSessions/s.json", VS_CODE_CHAT, CHAT_ORIGINS
    ),
    "{USER_SETTINGS|}/*/User/workspaceStorage/*/GitHub.copilot-chat/transcripts/*.jsonl": Sample(
        f"{_USER}/Code/User/workspaceStorage/w/GitHub.copilot-chat/transcripts/s.jsonl",
        COPILOT,
        (PASTED, READ, REPEATED),
    ),
    "~/.gemini/tmp/*/chats/*.jsonl": Sample(
        ".gemini/tmp/w/chats/session-1.jsonl", lines(*GEMINI_MESSAGES), GEMINI_ORIGINS
    ),
    "~/.gemini/tmp/*/chats/*.json": Sample(
        ".gemini/tmp/w/chats/session-1.json",
        document(lambda token: {"sessionId": "s", "messages": [one(token) for one in GEMINI_MESSAGES]}),
        GEMINI_ORIGINS,
    ),
    "~/.gemini/tmp/*/checkpoints/*.json": Sample(
        ".gemini/tmp/w/checkpoints/1.json",
        document(lambda token: {"history": [one(token) for one in GEMINI_MESSAGES]}),
        GEMINI_ORIGINS,
    ),
    "~/.gemini/tmp/*/logs.json": Sample(
        ".gemini/tmp/w/logs.json",
        document(
            lambda token: [{"sessionId": "s", "type": "user", "message": f"use {token}", "timestamp": TIME}]
        ),
        (PASTED,),
    ),
    "~/.gemini/GEMINI.md": Sample(".gemini/GEMINI.md", MEMORY, (REPEATED,), False),
    "{XDG_DATA_HOME|~/.local/share}/opencode/opencode.db": Sample(
        f"{_SHARE}/opencode/opencode.db", OPENCODE, (PASTED, REPEATED, PRINTED)
    ),
    "{XDG_DATA_HOME|~/.local/share}/opencode/storage/**/*.json": Sample(
        f"{_SHARE}/opencode/storage/part/m/p.json",
        document(
            lambda token: {
                "id": "p",
                "messageID": "m",
                "type": "tool",
                "tool": "read",
                "state": {"output": f"KEY={token}", "time": {"start": SECONDS * 1000}},
            }
        ),
        (READ,),
    ),
    "{XDG_DATA_HOME|~/.local/share}/opencode/tool-output/*": Sample(
        f"{_SHARE}/opencode/tool-output/1", FILE_TEXT, (PRINTED,), False
    ),
    "{XDG_STATE_HOME|~/.local/state}/opencode/prompt-history.jsonl": Sample(
        f"{_STATE}/opencode/prompt-history.jsonl",
        lines(lambda token: {"input": f"use {token}", "parts": []}),
        (PASTED,),
        False,
    ),
    "~/.continue/sessions/*.json": Sample(
        ".continue/sessions/s.json", CONTINUE, (PASTED, REPEATED, PRINTED), False
    ),
    "~/.continue/dev_data/**/*.jsonl": Sample(
        ".continue/dev_data/0.2.0/chatInteraction.jsonl",
        lines(lambda token: {"timestamp": TIME, "prompt": f"use {token}", "completion": f"I use {token}"}),
        (PASTED, REPEATED),
    ),
    "~/.continue/logs/*": Sample(".continue/logs/core.log", FILE_TEXT, (PRINTED,), False),
    ".aider.chat.history.md": Sample(".aider.chat.history.md", AIDER, (PASTED, REPEATED, PRINTED)),
    ".aider.input.history": Sample(
        ".aider.input.history", text("\n# 2026-11-02 10:20:30.123456\n+use TOKEN\n"), (PASTED,)
    ),
    ".aider.llm.history": Sample(
        ".aider.llm.history", text("TO LLM 2026-11-02T10:20:30\nUSER use TOKEN\n"), (REPEATED,), False
    ),
    "{XDG_DATA_HOME|~/.local/share}/goose/sessions/sessions.db": Sample(
        f"{_SHARE}/goose/sessions/sessions.db", GOOSE, (PASTED, PRINTED, REPEATED)
    ),
    "{XDG_DATA_HOME|~/.local/share}/goose/sessions/*.jsonl": Sample(
        f"{_SHARE}/goose/sessions/20261102.jsonl", GOOSE_LINES, (PASTED, REPEATED)
    ),
    "~/.codeium/windsurf/memories/*.md": Sample(
        ".codeium/windsurf/memories/global_rules.md", MEMORY, (REPEATED,), False
    ),
    "{USER_SETTINGS|}/*/User/globalStorage/*/tasks/*/*.json": Sample(
        f"{_USER}/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/api_conversation_history.json",
        MESSAGES,
        (PASTED, REPEATED),
    ),
    "~/.cline/data/tasks/*/*.json": Sample(
        ".cline/data/tasks/1/ui_messages.json",
        document(
            lambda token: [
                {"ts": SECONDS * 1000, "type": "say", "say": "user_feedback", "text": f"use {token}"},
                {"ts": SECONDS * 1000, "type": "say", "say": "command_output", "text": f"KEY={token}"},
            ]
        ),
        (PASTED, PRINTED),
    ),
    "~/.kiro/sessions/*/*/messages.jsonl": Sample(
        ".kiro/sessions/0/sess_1/messages.jsonl", KIRO, (PASTED, REPEATED)
    ),
    "~/.kiro/sessions/cli/*.jsonl": Sample(".kiro/sessions/cli/1.jsonl", KIRO, (PASTED, REPEATED)),
    "{XDG_DATA_HOME|~/.local/share}/kiro-cli/data.sqlite3": Sample(
        f"{_SHARE}/kiro-cli/data.sqlite3", AMAZON_Q, Q_ORIGINS, False
    ),
    "{XDG_DATA_HOME|~/.local/share}/amazon-q/data.sqlite3": Sample(
        f"{_SHARE}/amazon-q/data.sqlite3", AMAZON_Q, Q_ORIGINS, False
    ),
    "~/.junie/sessions/*/events.jsonl": Sample(".junie/sessions/1/events.jsonl", JUNIE, (PASTED, PRINTED)),
    "~/.junie/sessions/index.jsonl": Sample(
        ".junie/sessions/index.jsonl",
        lines(lambda token: {"sessionId": "1", "createdAt": SECONDS * 1000, "taskName": f"use {token}"}),
        (PASTED,),
    ),
    "{XDG_DATA_HOME|~/.local/share}/zed/threads/threads.db": Sample(
        f"{_SHARE}/zed/threads/threads.db", ZED, ZED_ORIGINS
    ),
    "~/Library/Application Support/Zed/threads/threads.db": Sample(
        "Library/Application Support/Zed/threads/threads.db", ZED, ZED_ORIGINS
    ),
    "{LOCALAPPDATA|~/AppData/Local}/Zed/threads/threads.db": Sample(
        "AppData/Local/Zed/threads/threads.db", ZED, ZED_ORIGINS
    ),
    "~/.gemini/antigravity/brain/*/.system_generated/logs/*.jsonl": Sample(
        ".gemini/antigravity/brain/c/.system_generated/logs/transcript.jsonl",
        ANTIGRAVITY,
        (PASTED, REPEATED),
        False,
    ),
    "~/.gemini/antigravity/brain/*/*.md": Sample(
        ".gemini/antigravity/brain/c/walkthrough.md", MEMORY, (REPEATED,), False
    ),
    "~/.windsurf/plans/*.md": Sample(".windsurf/plans/plan.md", MEMORY, (REPEATED,), False),
    "~/.vibe/logs/session/**/*.jsonl": Sample(
        ".vibe/logs/session/session_1/messages.jsonl", lines(*VIBE), (PASTED, PRINTED), False
    ),
    "~/.vibe/logs/session/**/*.json": Sample(
        ".vibe/logs/session/session_1.json",
        document(lambda token: {"messages": [one(token) for one in VIBE]}),
        (PASTED, PRINTED),
        False,
    ),
    "~/.vibe/vibehistory": Sample(".vibe/vibehistory", text('"use TOKEN"\n'), (PASTED,), False),
    "{USER_SETTINGS|}/*/User/History/*/*": Sample(
        f"{_USER}/Code/User/History/1a2b/aBcD.env", FILE_TEXT, (LEFT,), False
    ),
    "~/.vscode-server/data/User/History/*/*": Sample(
        ".vscode-server/data/User/History/1a2b/aBcD.env", FILE_TEXT, (LEFT,), False
    ),
    "{XDG_DATA_HOME|~/.local/share}/code-server/User/History/*/*": Sample(
        f"{_SHARE}/code-server/User/History/1a2b/aBcD.env", FILE_TEXT, (LEFT,), False
    ),
    "**/.*.sw[a-p]": Sample("src/.settings.py.swp", binary(SWAP), (LEFT,), False),
    "**/.*.un~": Sample("src/.settings.py.un~", binary(UNDO), (LEFT,), False),
    "~/.vim/swap/*": Sample(".vim/swap/%w%a.py.swp", binary(SWAP), (LEFT,), False),
    "~/.vim/undo/*": Sample(".vim/undo/%w%a.py", binary(UNDO), (LEFT,), False),
    "{XDG_STATE_HOME|~/.local/state}/nvim/swap/*": Sample(
        f"{_STATE}/nvim/swap/%w%a.py.swp", binary(SWAP), (LEFT,), False
    ),
    "{XDG_STATE_HOME|~/.local/state}/nvim/undo/*": Sample(
        f"{_STATE}/nvim/undo/%w%a.py", binary(UNDO), (LEFT,), False
    ),
    "~/.viminfo": Sample(
        ".viminfo",
        text('# Registers:\n""1\tLINE\t0\n\tKEY=TOKEN\n|3,1,1,1,1,0,1793614830,"KEY=TOKEN"\n'),
        (LEFT, LEFT),
        False,
    ),
    "**/#*#": Sample("src/#settings.py#", FILE_TEXT, (LEFT,), False),
    "**/*~": Sample("src/settings.py~", FILE_TEXT, (LEFT,), False),
    "~/.emacs.d/auto-save/*": Sample(".emacs.d/auto-save/#!w!a.py#", FILE_TEXT, (LEFT,), False),
    "~/.emacs.d/backups/*": Sample(".emacs.d/backups/!w!a.py~", FILE_TEXT, (LEFT,), False),
    "~/.bash_history": Sample(".bash_history", text(f"ls\n#{SECONDS}\nexport KEY=TOKEN\n"), (PASTED,)),
    "~/.zsh_history": Sample(".zsh_history", text(f": {SECONDS}:0;export KEY=TOKEN\n"), (PASTED,)),
    "~/.zhistory": Sample(".zhistory", text(f": {SECONDS}:0;export KEY=TOKEN\n"), (PASTED,)),
    "{XDG_DATA_HOME|~/.local/share}/fish/fish_history": Sample(
        f"{_SHARE}/fish/fish_history", text(f"- cmd: set -x KEY TOKEN\n  when: {SECONDS}\n"), (PASTED,)
    ),
    "{XDG_CONFIG_HOME|~/.config}/nushell/history.txt": Sample(
        f"{_USER}/nushell/history.txt", text("$env.KEY = TOKEN\n"), (PASTED,), False
    ),
    "{XDG_DATA_HOME|~/.local/share}/powershell/PSReadLine/*_history.txt": Sample(
        f"{_SHARE}/powershell/PSReadLine/ConsoleHost_history.txt",
        text('$env:KEY = "TOKEN"\n'),
        (PASTED,),
        False,
    ),
    "~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/*_history.txt": Sample(
        "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
        text('$env:KEY = "TOKEN"\n'),
        (PASTED,),
        False,
    ),
    **{
        f"~/{name}": Sample(name, text("key = 'TOKEN'\n"), (PASTED,), False)
        for name in (
            *(".python_history", ".node_repl_history", ".psql_history", ".mysql_history", ".sqlite_history"),
            *(".rediscli_history", ".lesshst"),
        )
    },
}
