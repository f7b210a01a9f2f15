"""The hooks that Codex's user trusts: a digest of each, which Codex compares before it runs one."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.rewriting.settings_files.setting_entry import at

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
FIRST_KNOWN = "0.169.0"
"""The version of Codex that was found to make digests so."""


def trusted_hashes(roots: SearchRoots, path: Path, hooks: object, program: str) -> Iterator[tuple[str, str]]:
    """Yield the key and the digest of each hook in a file that is exactly ours, as Codex makes them."""
    # Codex follows links in the folder that the variable names, and in no other.
    path = path.parent.resolve() / path.name if roots.variables.get("CODEX_HOME") else path
    command = HookCommand(program, "codex")
    line = command.powershell if sys.platform == "win32" else command.line
    events = at(hooks, ("hooks",))
    for event, groups in events.items() if isinstance(events, dict) else ():
        label = _WORD.sub("_", event).lower()
        for number, group in enumerate(groups if isinstance(groups, list) else ()):
            handlers = at(group, ("hooks",))
            handler = handlers[0] if isinstance(handlers, list) and len(handlers) == 1 == len(group) else None
            seconds = at(handler, ("timeout",))
            ours = {"type": "command", "command": command.line, "timeout": seconds}
            ours |= {"commandWindows": line} if sys.platform == "win32" else {}
            if handler == ours and isinstance(seconds, int):
                counted = {"type": "command", "command": line, "timeout": seconds, "async": False}
                yield f"{path}:{label}:{number}:0", _digest({"event_name": label, "hooks": [counted]})


def _digest(hook: object) -> str:
    text = json.dumps(hook, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
