"""Where AI agents, editors and shells leave what was said and typed, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """How a file is read and rewritten."""

    LINES = "JSON lines"
    JSON = "JSON"
    TEXT = "text"
    CHAT = "chat"
    """Text in which marks at the beginning of lines say who wrote them."""
    BINARY = "blocks"
    """Nothing may change its length."""
    SQLITE = "SQLite"


class Arrival(StrEnum):
    """How a token got into a transcript."""

    PASTED = "pasted by a person"
    READ = "read from a file"
    PRINTED = "printed by a tool"
    REPEATED = "repeated by the model"
    LEFT = "left by a program"


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """One kind of file.

    Attributes:
        agent: as the ledger names it; for other programs, their name.
        place: a pattern: `~/…`, `{VARIABLE|~/…}/…` where a variable moves it, otherwise in a workspace.
        origin: how tokens get there where the content does not say it.
        source: where this was read.
        is_agent: a model reads or wrote it.
        date: when it was read.
    """

    agent: str
    place: str
    format: Format
    origin: Arrival
    source: str
    is_agent: bool = True
    date: str = "2026-11-27"


_CLAUDE, _CODEX = "{CLAUDE_CONFIG_DIR|~/.claude}", "{CODEX_HOME|~/.codex}"
_USER, _DATA, _STATE = (
    "{USER_SETTINGS|}",
    "{XDG_DATA_HOME|~/.local/share}",
    "{XDG_STATE_HOME|~/.local/state}",
)
_AGENTSWEEP = "agentsweep 0.1.9"
_SEEN = "the program, under a scripted model"


def _rows(
    agent: str, source: str, *places: tuple[str, Format, Arrival], is_agent: bool = True
) -> tuple[TranscriptRow, ...]:
    return tuple(
        TranscriptRow(agent, place, format_, origin, source, is_agent) for place, format_, origin in places
    )


_AGENTS = (
    *_rows(
        "Claude Code",
        f"Claude Code 2.1.332: {_SEEN}; anthropics/claude-code#50014",
        (f"{_CLAUDE}/projects/*/*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_CLAUDE}/projects/*/*/subagents/*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_CLAUDE}/projects/*/*/tool-results/*", Format.TEXT, Arrival.PRINTED),
        (f"{_CLAUDE}/projects/*/memory/*.md", Format.TEXT, Arrival.REPEATED),
        (f"{_CLAUDE}/history.jsonl", Format.LINES, Arrival.PASTED),
        (f"{_CLAUDE}/paste-cache/*", Format.TEXT, Arrival.PASTED),
        (f"{_CLAUDE}/file-history/*/*", Format.TEXT, Arrival.READ),
        (f"{_CLAUDE}/plans/*.md", Format.TEXT, Arrival.REPEATED),
        (f"{_CLAUDE}/todos/*.json", Format.JSON, Arrival.REPEATED),
        (f"{_CLAUDE}/shell-snapshots/*.sh", Format.TEXT, Arrival.PRINTED),
    ),
    *_rows(
        "Codex",
        f"Codex 0.169.0: {_SEEN}",
        (f"{_CODEX}/sessions/**/rollout-*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_CODEX}/archived_sessions/*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_CODEX}/history.jsonl", Format.LINES, Arrival.PASTED),
        (f"{_CODEX}/memories/**/*.md", Format.TEXT, Arrival.REPEATED),
        (f"{_CODEX}/shell_snapshots/*", Format.TEXT, Arrival.PRINTED),
        (f"{_CODEX}/log/*.log", Format.TEXT, Arrival.PRINTED),
        (f"{_CODEX}/*.sqlite", Format.SQLITE, Arrival.REPEATED),
    ),
    *_rows(
        "Cursor",
        f"{_AGENTSWEEP}; @cursor/sdk 1.0.32",
        (f"{_USER}/Cursor/User/globalStorage/state.vscdb", Format.SQLITE, Arrival.REPEATED),
        (f"{_USER}/Cursor/User/workspaceStorage/*/state.vscdb", Format.SQLITE, Arrival.PASTED),
        ("~/.cursor/projects/*/agent-transcripts/**/*.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.cursor/projects/*/agent-transcripts/*.json", Format.JSON, Arrival.REPEATED),
        ("~/.cursor/projects/*/agent-transcripts/*.txt", Format.TEXT, Arrival.REPEATED),
        ("~/.cursor/projects/*/agent-tools/*", Format.TEXT, Arrival.PRINTED),
        ("~/.cursor/projects/*/terminals/*", Format.TEXT, Arrival.PRINTED),
        ("~/.cursor/chats/*/*/store.db", Format.SQLITE, Arrival.REPEATED),
    ),
    *_rows(
        "GitHub Copilot",
        "@github/copilot 1.0.102; VS Code 1.109",
        ("~/.copilot/session-state/*.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.copilot/session-state/*/events.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.copilot/logs/*.log", Format.TEXT, Arrival.PRINTED),
        (f"{_USER}/*/User/workspaceStorage/*/chatSessions/*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_USER}/*/User/workspaceStorage/*/chatSessions/*.json", Format.JSON, Arrival.REPEATED),
        (f"{_USER}/*/User/globalStorage/emptyWindowChatSessions/*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_USER}/*/User/globalStorage/emptyWindowChatSessions/*.json", Format.JSON, Arrival.REPEATED),
        (
            f"{_USER}/*/User/workspaceStorage/*/GitHub.copilot-chat/transcripts/*.jsonl",
            Format.LINES,
            Arrival.REPEATED,
        ),
    ),
    *_rows(
        "Gemini CLI",
        "@google/gemini-cli-core 0.61.0",
        ("~/.gemini/tmp/*/chats/*.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.gemini/tmp/*/chats/*.json", Format.JSON, Arrival.REPEATED),
        ("~/.gemini/tmp/*/checkpoints/*.json", Format.JSON, Arrival.REPEATED),
        ("~/.gemini/tmp/*/logs.json", Format.JSON, Arrival.PASTED),
        ("~/.gemini/GEMINI.md", Format.TEXT, Arrival.REPEATED),
    ),
    *_rows(
        "Antigravity",
        "notes on Antigravity 2.14.0, September 2026",
        ("~/.gemini/antigravity/brain/*/.system_generated/logs/*.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.gemini/antigravity/brain/*/*.md", Format.TEXT, Arrival.REPEATED),
    ),
    *_rows(
        "opencode",
        "opencode-ai 1.18.33; git-ai: fixtures/opencode-sqlite/schema.sql",
        (f"{_DATA}/opencode/opencode.db", Format.SQLITE, Arrival.REPEATED),
        (f"{_DATA}/opencode/storage/**/*.json", Format.JSON, Arrival.REPEATED),
        (f"{_DATA}/opencode/tool-output/*", Format.TEXT, Arrival.PRINTED),
        (f"{_STATE}/opencode/prompt-history.jsonl", Format.LINES, Arrival.PASTED),
    ),
    *_rows(
        "Continue",
        "@continuedev/cli 1.5.47",
        ("~/.continue/sessions/*.json", Format.JSON, Arrival.REPEATED),
        ("~/.continue/dev_data/**/*.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.continue/logs/*", Format.TEXT, Arrival.PRINTED),
    ),
    *_rows(
        "aider",
        "aider: aider/io.py",
        (".aider.chat.history.md", Format.CHAT, Arrival.REPEATED),
        (".aider.input.history", Format.TEXT, Arrival.PASTED),
        (".aider.llm.history", Format.TEXT, Arrival.REPEATED),
    ),
    *_rows(
        "goose",
        f"{_AGENTSWEEP}; block/goose@0825b57",
        (f"{_DATA}/goose/sessions/sessions.db", Format.SQLITE, Arrival.REPEATED),
        (f"{_DATA}/goose/sessions/*.jsonl", Format.LINES, Arrival.REPEATED),
    ),
    *_rows(
        "Windsurf",
        _AGENTSWEEP,
        ("~/.codeium/windsurf/memories/*.md", Format.TEXT, Arrival.REPEATED),
        ("~/.windsurf/plans/*.md", Format.TEXT, Arrival.REPEATED),
    ),
    *_rows(
        "Cline",
        "cline 3.0.65",
        (f"{_USER}/*/User/globalStorage/*/tasks/*/*.json", Format.JSON, Arrival.REPEATED),
        ("~/.cline/data/tasks/*/*.json", Format.JSON, Arrival.REPEATED),
    ),
    *_rows(
        "Kiro",
        _AGENTSWEEP,
        ("~/.kiro/sessions/*/*/messages.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.kiro/sessions/cli/*.jsonl", Format.LINES, Arrival.REPEATED),
        (f"{_DATA}/kiro-cli/data.sqlite3", Format.SQLITE, Arrival.REPEATED),
    ),
    *_rows(
        "Amazon Q",
        _AGENTSWEEP,
        (f"{_DATA}/amazon-q/data.sqlite3", Format.SQLITE, Arrival.REPEATED),
    ),
    *_rows(
        "Junie",
        _AGENTSWEEP,
        ("~/.junie/sessions/*/events.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.junie/sessions/index.jsonl", Format.LINES, Arrival.PASTED),
    ),
    *_rows(
        "Zed",
        "zed-industries/zed@0642ec7: crates/agent/src/db.rs",
        (f"{_DATA}/zed/threads/threads.db", Format.SQLITE, Arrival.REPEATED),
        ("~/Library/Application Support/Zed/threads/threads.db", Format.SQLITE, Arrival.REPEATED),
        ("{LOCALAPPDATA|~/AppData/Local}/Zed/threads/threads.db", Format.SQLITE, Arrival.REPEATED),
    ),
    *_rows(
        "Vibe",
        "mistral-vibe 3.0.3",
        ("~/.vibe/logs/session/**/*.jsonl", Format.LINES, Arrival.REPEATED),
        ("~/.vibe/logs/session/**/*.json", Format.JSON, Arrival.REPEATED),
        ("~/.vibe/vibehistory", Format.TEXT, Arrival.PASTED),
    ),
)

_EDITORS = (
    *_rows(
        "VS Code",
        "VS Code 1.109: workingCopyHistoryService.ts",
        (f"{_USER}/*/User/History/*/*", Format.TEXT, Arrival.LEFT),
        ("~/.vscode-server/data/User/History/*/*", Format.TEXT, Arrival.LEFT),
        (f"{_DATA}/code-server/User/History/*/*", Format.TEXT, Arrival.LEFT),
        is_agent=False,
    ),
    *_rows(
        "Vim",
        "Vim 9.1: :help swap-file, undo-persistence, viminfo-file",
        ("**/.*.sw[a-p]", Format.BINARY, Arrival.LEFT),
        ("**/.*.un~", Format.BINARY, Arrival.LEFT),
        ("~/.vim/swap/*", Format.BINARY, Arrival.LEFT),
        ("~/.vim/undo/*", Format.BINARY, Arrival.LEFT),
        (f"{_STATE}/nvim/swap/*", Format.BINARY, Arrival.LEFT),
        (f"{_STATE}/nvim/undo/*", Format.BINARY, Arrival.LEFT),
        ("~/.viminfo", Format.TEXT, Arrival.LEFT),
        is_agent=False,
    ),
    *_rows(
        "Emacs",
        "GNU Emacs 30: Auto Save Files, Backup Names",
        ("**/#*#", Format.TEXT, Arrival.LEFT),
        ("**/*~", Format.TEXT, Arrival.LEFT),
        ("~/.emacs.d/auto-save/*", Format.TEXT, Arrival.LEFT),
        ("~/.emacs.d/backups/*", Format.TEXT, Arrival.LEFT),
        is_agent=False,
    ),
)

_SHELLS = tuple(
    TranscriptRow(program, place, Format.TEXT, Arrival.PASTED, source, is_agent=False)
    for program, place, source in (
        ("bash", "~/.bash_history", "Bash 5.2: Bash History Facilities"),
        ("zsh", "~/.zsh_history", "Zsh 5.9: zshoptions, EXTENDED_HISTORY"),
        ("zsh", "~/.zhistory", "Zsh 5.9: zshoptions, EXTENDED_HISTORY"),
        ("fish", f"{_DATA}/fish/fish_history", "fish 4: history"),
        ("nushell", "{XDG_CONFIG_HOME|~/.config}/nushell/history.txt", "Nushell 0.100: history"),
        ("PowerShell", f"{_DATA}/powershell/PSReadLine/*_history.txt", "PSReadLine 2.3"),
        (
            "PowerShell",
            "~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/*_history.txt",
            "PSReadLine 2.3",
        ),
        ("Python", "~/.python_history", "Python 3.13: site"),
        ("Node.js", "~/.node_repl_history", "Node.js 24: REPL"),
        ("psql", "~/.psql_history", "PostgreSQL 17: psql"),
        ("MySQL", "~/.mysql_history", "MySQL 8.4: mysql client logging"),
        ("SQLite", "~/.sqlite_history", "SQLite 3.50: shell"),
        ("Redis", "~/.rediscli_history", "Redis 8: redis-cli"),
        ("less", "~/.lesshst", "less 668"),
    )
)

ROWS: tuple[TranscriptRow, ...] = (*_AGENTS, *_EDITORS, *_SHELLS)
