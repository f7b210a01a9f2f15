"""The texts besides delimiters that a move may remove and record, because they cannot contain a value."""

from __future__ import annotations

import re

LAUNCHERS = (
    "bun", "bunx", "bash", "cargo", "cmd", "deno", "docker", "dotnet", "go", "java", "node", "npm", "npx",
    "php", "pipx", "pnpm", "podman", "poetry", "pwsh", "py", "python", "python3", "ruby", "sh", "tsx", "uv",
    "uvx", "yarn",
)  # fmt: skip
"""Programs that start others; the names of all other programs are not recorded."""

_BLANK = r"[ \t\r\n]{0,200}"
ARGUMENTS = re.compile(rf"{_BLANK},?{_BLANK}[\"']?args[\"']?[ \t]{{0,20}}[:=]{_BLANK}\[")
"""The text between a command and its first argument."""

_INI_EQUALS = r"[ \t]{0,200}[=:][ \t]{0,200}"
_JSON_COLON = rf"{_BLANK}:{_BLANK}"

AWS_ID = rf"(?mi:^aws_access_key_id){_INI_EQUALS}"
AWS_SECRET = rf"[ \t]{{0,200}}\r?\n(?i:aws_secret_access_key){_INI_EQUALS}"
_KUBE_COLON = r"[\"']?[ \t]{0,200}:[ \t]{1,200}[\"']?"
KUBE_ENTRY = rf"[\"']?token{_KUBE_COLON}"
KUBE_CERTIFICATE = rf"[\"']?client-certificate-data{_KUBE_COLON}"
KUBE_KEY = rf"[\"']?[ \t]{{0,200}}\r?\n[ \t]{{0,200}}[\"']?client-key-data{_KUBE_COLON}"
DOCKER_END = rf'"{_BLANK}\}}'
DOCKER_AUTH = rf'\{{{_BLANK}"auth"{_JSON_COLON}"'
"""The texts around a token that the command of a credential helper replaces."""

URL_COLON = ":"
URL_AT = "@"
"""What is before a password in a URL, and after it."""
CARGO_ENTRY = r"(?m:^)[ \t]{0,200}token[ \t]{0,200}=[ \t]{0,200}[\"']"
_HELPERS = (
    CARGO_ENTRY,
    AWS_ID,
    AWS_SECRET,
    KUBE_ENTRY,
    KUBE_CERTIFICATE,
    KUBE_KEY,
    DOCKER_END,
    DOCKER_AUTH,
    URL_COLON,
    URL_AT,
    "[\"']",
)
ENVIRONMENT_KEY = "(?:environment|env|variables):"
"""The key of a mapping whose only entry becomes a comment."""
_WORDS = ("http_headers", ENVIRONMENT_KEY, *LAUNCHERS)

STRUCTURE = re.compile("|".join((ARGUMENTS.pattern, *_HELPERS, *_WORDS)))
