"""Readers of editors' own files: settings, tasks and requests."""

from __future__ import annotations

import os
import re

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.literal import ParsedText, Replacement
from tokenward.rewriting.readers.reader import Place, Reader, outside, reader
from tokenward.rewriting.readers.wrapping import RUN, require_here, wrap, wrap_here

_BY_SHELL = '"tokenward", "args": [' + "".join(f'"{word}", ' for word in (*RUN, "sh", "-c"))


def _wrap_task(parsed: ParsedText, span: Span, name: str) -> list[Replacement]:
    """Let `tokenward run` start a task's command.

    Raises:
        RewriteRefused: the command is a line for a shell, or is started in another folder.
    """
    require_here(parsed, span, 2)
    task = parsed.beside(span, 3)
    kind, command = (
        parsed.text[task[key].start : task[key].end] if key in task else "" for key in ("type", "command")
    )
    if kind == '"shell"' and ("args" not in task or " " in command):
        if "args" in task or not command.startswith('"') or os.name == "nt":
            raise RewriteRefused(
                "A shell reads this task's command; write its words into `args`, then move the token."
            )
        return [
            Replacement(Span(at, at), text)
            for at, text in ((task["command"].start, _BY_SHELL), (task["command"].end, "]"))
        ]
    return wrap(parsed, span, name, levels=3)


def _settings(name: str, files: str, inside: str = "", after: str = "") -> Reader:
    return reader(
        name,
        "jsonc",
        files,
        Place("REFERENCE", re.compile(rf"{inside}terminal\.integrated\.env\.[a-z]+/[^/]+"), after=after),
        Place(
            "REFERENCE",
            re.compile(rf"{inside}mcp(?:/|\.)servers/[^/]+/env/[^/]+"),
            after=after,
            further=wrap if after else wrap_here,
        ),
        *([_LAUNCHED] if inside else []),
        refusal="Settings have no variables; store the token, delete this one, and have the extension ask for it or "
        "read its environment.",
    )


_LAUNCHED = Place(
    "REFERENCE", re.compile(r"launch/configurations(?:/[^/]+)?/(?:env/[^/]+|environment/value|args)")
)

_STARTED = "Start VS Code with `tokenward run --only NAME -- code .`."
_HTTP_REFUSAL = (
    "HTTP clients take .env literally, so a reference does not work there; store the token, write "
    "`{{$processEnv NAME}}` or `{{$env.NAME}}` here, and start the editor with `tokenward run`."
)

# fmt: off
EDITORS = (
    _settings("VS Code's settings", r"\.vscode/settings\.json"),
    _settings("VS Code's workspace files", r"[^/]*\.code-workspace", "settings/"),
    _settings(
        "VS Code's settings for all folders", r"User/(?:profiles/[^/]+/)?settings\.json",
        after="Only terminals and servers in this workspace can resolve it.",
    ),
    reader(
        "VS Code's tasks", "jsonc", r"\.vscode/tasks\.json",
        Place("REFERENCE", re.compile("tasks/options/env/[^/]+"), further=_wrap_task),
        Place("${env:NAME}", after=_STARTED),
    ),
    # VS Code's REST Client; the clients of other editors have a syntax of their own.
    reader(
        "REST Client", "lines", r"[^/]*\.(?:http|rest)",
        Place("{{$processEnv NAME}}", before=outside("{{", "}}"), after=_STARTED),
        unless=("{{$env.", "{{$auth.", "> {%", "< {%", "client.global"), refusal=_HTTP_REFUSAL, special=r"\{\{",
    ),
    reader(
        "HTTP clients", "lines", r"[^/]*\.(?:http|rest|bru)|http-client(?:\.private)?\.env\.json",
        refusal=_HTTP_REFUSAL,
    ),
    reader(
        "JetBrains data sources", "markup", r"\.idea/(?:.+/)?data-?sources(?:\.local)?(?:/[^/]+)?\.xml",
        refusal="The IDE takes this text as it is and rewrites the file; delete the password here, and enter it in "
        "the data source's dialog, which keeps it in the system's keyring, or choose pgpass there.",
    ),
    reader(
        "DBeaver", "json", r"\.dbeaver/data-sources[^/]*\.json",
        # Variables of the connection, such as ${host}, win over those of the environment; all are in lower case.
        Place(
            "${NAME}", re.compile(r"connections/[^/]+/configuration/.+"), before=outside("${", "}"),
            names=re.compile("[A-Z][A-Z0-9_]*"),
        ),
        refusal="DBeaver looks up variables in the settings of a connection only",
    ),
    reader(
        "JetBrains IDEs", "markup", r"\.idea/.+\.(?:xml|iml)|\.run/.+\.xml|[^/]*\.run\.xml",
        refusal="The IDE takes this text literally; store the token, delete it here, and start what needs it by "
        "`tokenward run`.",
    ),
)
# fmt: on
