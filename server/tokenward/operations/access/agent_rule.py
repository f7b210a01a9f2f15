"""The approval that an AI agent needs before it gets a value: each time, or for its session where that is safe."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from tokenward.errors import AgentDenied
from tokenward.operations.use import Purpose, Use
from tokenward.places import shown
from tokenward.settings import Settings

_SHOWS_VARIABLES = re.compile(
    r"\w{0,4}sh|pwsh|powershell|cmd|nu|busybox|env|printenv|set|xargs|setsid|nohup|timeout|sudo|doas|su|script"
    r"|gdb|lldb|strace|ltrace|perf|rr|awk|gawk|mawk|jq|tokenward"
)
"""Programs that show their variables, or run commands from their arguments or input."""
_INTERPRETER = re.compile(r"(?:python|perl|ruby|php|lua)[\d.]*|node|nodejs|deno|bun|Rscript|R|osascript")
_LASTING = (Purpose.RUN, Purpose.LAUNCH)


def needs_approval(settings: Settings, use: Use) -> bool:
    """Return whether a person must approve a use because an agent asks, or may ask.

    Raises:
        AgentDenied: the settings let no agent use a token, or nobody attends the agent's session.
    """
    agent = use.caller.possible_agent
    if not agent or (settings.agent_access == "allow" and not use.caller.has_own_settings):
        return False
    if settings.agent_access == "deny":
        raise AgentDenied(
            f"{_start(agent)} asked for a token, and the setting `agents` denies tokens to AI agents; run the command "
            "yourself in a terminal that no agent started."
        )
    if use.caller.is_alone:
        raise AgentDenied(
            f"{_start(agent)} asked for a token in a session that nobody attends; run the command in one of yours."
        )
    return True


def can_last(use: Use) -> bool:
    """Return whether a yes to an agent's use may count for the same command until the agent ends."""
    if use.purpose not in _LASTING or use.fills_files or not use.caller.agent_process or use.program is None:
        return False
    names = {_base(str(use.program)), _base(str(use.program.resolve()))}
    if any(map(_SHOWS_VARIABLES.fullmatch, names)):
        return False
    script = use.command[1] if len(use.command) > 1 else "-"
    return not (any(map(_INTERPRETER.fullmatch, names)) and script.startswith("-"))


def approved_use(use: Use, folder: Path) -> list[str]:
    """Return the scope of a yes for an agent's session: its process, folder and whole command, as a digest."""
    whole = "\0".join([str(folder), *use.command])
    return [use.caller.agent_process, sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()]


def _start(agent: str) -> str:
    text = shown(agent)
    return text[:1].upper() + text[1:]


def _base(path: str) -> str:
    return Path(path).name.removesuffix(".exe")
