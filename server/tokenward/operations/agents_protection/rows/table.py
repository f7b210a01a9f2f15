"""The table of the agents that can be protected."""

from __future__ import annotations

from tokenward.operations.agents_protection.rows.claude import CLAUDE_CODE
from tokenward.operations.agents_protection.rows.command_line import (
    AMAZON_Q,
    ANTIGRAVITY,
    CODEX,
    COPILOT_CLI,
    GEMINI_CLI,
    GOOSE,
    JUNIE,
    KIRO,
    VIBE,
)
from tokenward.operations.agents_protection.rows.editors import (
    AIDER,
    CLINE,
    CONTINUE,
    CURSOR,
    DEVIN,
    VSCODE,
    ZED,
)
from tokenward.operations.agents_protection.rows.opencode import OPENCODE

AGENTS = (
    *(CLAUDE_CODE, CODEX, CURSOR, COPILOT_CLI, VSCODE, GEMINI_CLI, ANTIGRAVITY, OPENCODE, VIBE, GOOSE, CLINE),
    *(KIRO, AMAZON_Q, DEVIN, JUNIE, ZED, AIDER, CONTINUE),
)
