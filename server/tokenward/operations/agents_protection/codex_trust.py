"""The hooks that Codex's user trusts: a digest of each, which Codex compares before it runs one."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenward.operations.agents_protection.hook_command import commands_in

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_USUAL_SECONDS = 600
_KEYS = {"type", "command", "commandWindows", "timeout"}
FIRST_KNOWN = "0.169.0"
"""The version of Codex that was found to make digests so."""


def trusted_hashes(path: Path, hooks: object) -> Iterator[tuple[str, str]]:
    """Yield the key and the digest of each hook of ours in a hooks file, as Codex makes them of its place and text.

    A hook with anything beside its command has none: it is for the user to trust.
    """
    events = hooks.get("hooks") if isinstance(hooks, Mapping) else None
    for event, groups in events.items() if isinstance(events, Mapping) else ():
        label = _WORD.sub("_", event).lower()
        for at, group in enumerate(groups if isinstance(groups, list) else ()):
            handlers = (
                group.get("hooks") if isinstance(group, Mapping) and group.keys() == {"hooks"} else None
            )
            for place, handler in enumerate(handlers if isinstance(handlers, list) else ()):
                if [*commands_in(handler)] and handler.keys() <= _KEYS:
                    yield f"{path}:{label}:{at}:{place}", _digest(label, handler)


def _digest(label: str, handler: Mapping[str, object]) -> str:
    command = handler.get("commandWindows") if sys.platform == "win32" else None
    counted = {
        "type": "command",
        "command": command or handler["command"],
        "timeout": handler.get("timeout", _USUAL_SECONDS),
        "async": False,
    }
    text = json.dumps(
        {"event_name": label, "hooks": [counted]}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
