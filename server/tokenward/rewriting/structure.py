"""The texts besides delimiters that a move may remove and record, because they cannot contain a value."""

from __future__ import annotations

import re

LAUNCHERS = (
    *(
        "bun",
        "bunx",
        "bash",
        "cargo",
        "cmd",
        "deno",
        "docker",
        "dotnet",
        "go",
        "java",
        "node",
        "npm",
        "npx",
        "php",
    ),
    *(
        "pipx",
        "pnpm",
        "podman",
        "poetry",
        "pwsh",
        "py",
        "python",
        "python3",
        "ruby",
        "sh",
        "tsx",
        "uv",
        "uvx",
        "yarn",
    ),
)
"""Programs that start others; the names of all other programs are not recorded."""

_BLANK = r"[ \t\r\n]{0,200}"
ARGUMENTS = re.compile(rf"{_BLANK},?{_BLANK}[\"']?args[\"']?[ \t]{{0,20}}[:=]{_BLANK}\[")
"""The text between a command and its first argument."""

STRUCTURE = re.compile(rf"{ARGUMENTS.pattern}|http_headers|{'|'.join(LAUNCHERS)}")
