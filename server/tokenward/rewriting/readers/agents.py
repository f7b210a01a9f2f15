"""Readers of AI assistants' configuration: MCP servers, permissions and the assistants' own keys.

A server that is started gets its variables from `tokenward run`, so the assistant itself never has the token.
Each client expands variables where its documentation says so.
"""

from __future__ import annotations

import re

from tokenward.model import Span
from tokenward.rewriting.data_syntax import DataSyntax
from tokenward.rewriting.literal import Replacement
from tokenward.rewriting.readers.claude_code import HeadersHelper, KeyHelper
from tokenward.rewriting.readers.codex_headers import from_variables
from tokenward.rewriting.readers.reader import Place, reader
from tokenward.rewriting.readers.wrapping import wrap, wrap_here

_SERVERS = "(?:.*/)?mcpServers"

_IN_ARGUMENTS = (
    "Other programs can read a server's arguments, and {client} expands no variable in them or in headers; if the "
    "server takes the token from its environment, write it into `env` and move it there."
)
_HAS_IT = (
    "Start it with `tokenward run --only NAME -- {program}`; the assistant itself then has the token too."
)
_ASKED_BY_CLAUDE = "Say yes in an editor with Tokenward each time Claude Code asks for it."
_HELPED = (
    Place(
        "REFERENCE",
        re.compile(f"{_SERVERS}/[^/]+/headers/[^/]+", re.DOTALL),
        after=_ASKED_BY_CLAUDE,
        helper=HeadersHelper(),
    ),
    # The command has references that take no value; they go with those in the headers.
    Place(
        "",
        re.compile(f"{_SERVERS}/[^/]+/headersHelper", re.DOTALL),
        before=re.compile("tokenward credential headers .*", re.DOTALL),
        refusal="Other programs can read a command's words; write a reference there.",
    ),
)
_ALLOWED = Place(
    "",
    re.compile(r"(?:.*/)?(?:permissions/(?:allow|deny|ask)|allowedTools)", re.DOTALL),
    refusal="A command that was allowed once is kept here with its token; delete the entry, and revoke the token.",
    named=False,
)


def _wrapped(
    servers: str = _SERVERS, environment: str = "env", after: str = "", *, at_home: bool = False
) -> Place:
    """Return the place of a server's variables.

    Args:
        servers: matches the keys of all servers.
        environment: the key of a server's variables.
        after: says what to do if the server may start in another folder.
        at_home: the file is in the home folder, so that each folder may use its references.
    """
    keys = re.compile(rf"{servers}(?:/[^/]+)?/{environment}/[^/]+", re.DOTALL)
    further = wrap if after or at_home else wrap_here
    return Place("REFERENCE", keys, after=after, further=further, unaided=True)


def _exported(look_up: str, servers: str, program: str) -> Place:
    """Return the place of anything else of a server, where a client reads a variable of its own environment."""
    return Place(look_up, re.compile(f"{servers}/.+", re.DOTALL), after=_HAS_IT.format(program=program))


def _if_elsewhere(client: str) -> str:
    return (
        f"Unless this file is in your home folder, set `cwd` of the server if {client} starts it in another one, which "
        "cannot resolve the reference."
    )


_UNKNOWN = (
    "Set `cwd` of the server if the client starts it in another folder, which cannot resolve the reference."
)


def _prompted(parsed: DataSyntax, span: Span, name: str) -> list[Replacement]:
    """Declare the input by which VS Code asks for a value once, and keeps it in its secret storage."""
    text = parsed.text
    if re.search(rf'"id"\s*:\s*"{name}"', text):
        return []
    declared = f'{{"type": "promptString", "id": "{name}", "description": "{name}", "password": true}}'
    top = parsed.beside(span, len(parsed.keys(span)))
    if "inputs" in top:
        place = top["inputs"].start + 1
        is_empty = re.match(r"\s*\]", text[place : place + 200])
        return [Replacement(Span(place, place), declared if is_empty else f"{declared}, ")]
    place = next(parsed.span(step.node).start for step in parsed.path(span) if step.kind == "object") + 1
    return [Replacement(Span(place, place), f'"inputs": [{declared}], ')]


_PROMPTED = Place(
    "${input:NAME}",
    re.compile("servers/.+", re.DOTALL),
    in_environment=False,
    after="Enter NAME when VS Code asks for it, once; copy it with `tokenward get NAME --clip`.",
    further=_prompted,
)


# fmt: off
AGENTS = (
    reader(
        "Claude Code", "json", r"\.mcp\.json", _wrapped(), *_HELPED, _exported("${NAME}", _SERVERS, "claude"),
    ),
    reader(
        "Claude Code in all folders", "json", r"\.claude\.json", _wrapped(at_home=True),
        *_HELPED, _exported("${NAME}", _SERVERS, "claude"), _ALLOWED,
    ),
    reader(
        "Claude Code's settings", "json", r"\.claude/settings[^/]*\.json|managed-settings\.json", _ALLOWED,
        Place(
            "REFERENCE", re.compile("env/ANTHROPIC_(?:API_KEY|AUTH_TOKEN)"), whole=True,
            after=_ASKED_BY_CLAUDE, helper=KeyHelper(),
        ),
        Place(
            "", re.compile("apiKeyHelper"), before=re.compile("tokenward credential key "),
            refusal="Other programs can read a command's words; write a reference there.",
        ),
        refusal="Claude Code gives this to each command that the agent runs; delete it, and start what needs it with "
        "`tokenward run`.",
    ),
    reader(
        "Claude Desktop", "json", r"claude_desktop_config\.json", _wrapped(at_home=True),
        refusal=_IN_ARGUMENTS.format(client="Claude Desktop"),
    ),
    reader(
        "Cursor", "jsonc", r"\.cursor/mcp\.json", _wrapped(after=_if_elsewhere("Cursor")),
        _exported("${env:NAME}", _SERVERS, "cursor ."),
    ),
    reader(
        "VS Code's MCP servers", "jsonc", r"\.vscode/mcp\.json", _wrapped("servers"), _PROMPTED,
    ),
    reader(
        "VS Code's MCP servers in all folders", "jsonc", r"User/(?:profiles/[^/]+/)?mcp\.json",
        _wrapped("servers", at_home=True), _PROMPTED,
    ),
    reader(
        "Codex", "toml", r"\.codex/config\.toml", _wrapped("mcp_servers", after=_if_elsewhere("Codex")),
        Place(
            "NAME", re.compile(r"(?:mcp_servers|model_providers)/[^/]+/(?:env_)?http_headers/[^/]+"), whole=True,
            after=f"{_HAS_IT.format(program='codex')} Codex takes the text of ~/.codex/.env literally; rename that "
            "file, and name it with `--env-file`.", further=from_variables,
        ),
        refusal="Codex takes this text literally; store the token, name a variable instead (`bearer_token_env_var`, "
        "`env_key`), and start Codex with `tokenward run -- codex`.",
    ),
    *(
        reader(name, "json", files, _wrapped(), _exported("${NAME}", ".*?", program))
        for name, files, program in (
            ("Gemini CLI", r"\.gemini/settings\.json", "gemini"),
            ("Qwen Code", r"\.qwen/settings\.json", "qwen"),
        )
    ),
    reader(
        "Copilot CLI", "json", r"\.copilot/mcp-config\.json|\.github/mcp\.json",
        _wrapped(after=_if_elsewhere("Copilot")), _exported("${NAME}", _SERVERS, "copilot"),
    ),
    reader(
        "opencode", "jsonc", r"opencode\.jsonc?", _wrapped("mcp", "environment"),
        _exported("{env:NAME}", ".*?", "opencode"),
    ),
    reader(
        "Continue", "yaml", r"\.continue/(?:.+/)?[^/]+\.ya?ml", _wrapped(after=_if_elsewhere("Continue")),
        refusal="Continue reads secrets literally from .env files, so a reference would not work; move the token to "
        "the secrets of your Continue account.",
    ),
    reader(
        "Goose", "yaml", r"goose/config\.ya?ml", _wrapped("extensions", "envs", after=_if_elsewhere("Goose")),
        refusal="Goose looks up only the names in `env_keys`, in its own keyring entry; store the token there by "
        "`goose configure`.",
    ),
    reader(
        "aider", "yaml", r"\.aider\.conf\.ya?ml",
        # A reference in .env would be its key, because aider reads that file itself.
        Place("REFERENCE", after="Start aider with `tokenward run -- aider`."),
    ),
    reader(
        "Windsurf", "json", r"\.codeium/(?:windsurf/)?mcp_config\.json", _wrapped(at_home=True),
        _exported("${env:NAME}", _SERVERS, "windsurf ."),
    ),
    reader(
        "Cline", "json", r"cline_mcp_settings\.json", _wrapped(at_home=True),
        _exported("${env:NAME}", _SERVERS, "code ."),
    ),
    reader(
        "Kiro", "json", r"\.kiro/settings/mcp\.json", _wrapped(after=_if_elsewhere("Kiro")),
        Place(
            "${NAME}", re.compile(f"{_SERVERS}/.+", re.DOTALL),
            after=f"{_HAS_IT.format(program='kiro .')} Allow NAME in Kiro's settings too.",
        ),
    ),
    reader(
        "Zed", "jsonc", r"\.?zed/settings\.json",
        Place(
            "REFERENCE", re.compile(r"context_servers/[^/]+/(?:command/)?env/[^/]+"),
            after=_if_elsewhere("Zed"), further=wrap,
        ),
        refusal=_IN_ARGUMENTS.format(client="Zed"),
    ),
    reader(
        "Mistral Vibe", "toml", r"\.vibe/config\.toml", _wrapped("mcp_servers", after=_if_elsewhere("Vibe")),
        refusal="Vibe takes this text literally; store the token, name a variable in `api_key_env` below `auth`, and "
        "start Vibe with `tokenward run -- vibe`.",
    ),
    reader(
        "MCP clients", "jsonc", r"[^/]*mcp[^/]*\.json|\.junie/mcp/.+\.json|\.aws/amazonq/.+\.json|\.amazonq/.+\.json",
        _wrapped(after=_UNKNOWN), content=r'"mcpServers"',
        refusal=_IN_ARGUMENTS.format(client="this client"),
    ),
)
# fmt: on
