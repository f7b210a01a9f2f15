"""Codex's settings: the hooks that its user trusts, by a digest of each, and placeholders for its own proxy."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenward.operations.agents_protection.credential_files import VARIABLES
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.rewriting.settings_files.setting_entry import SettingEntry, at

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
FIRST_KNOWN = "0.169.0"
"""The version of Codex that was found to make digests so."""


def trusted_hashes(
    variables: Mapping[str, str], path: Path, hooks: object, program: str
) -> Iterator[tuple[str, str]]:
    """Yield the key and the digest of each hook in a file that is exactly ours, as Codex makes them."""
    # Codex follows links in the folder that the variable names, and in no other.
    path = path.parent.resolve() / path.name if variables.get("CODEX_HOME") else path
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


_BROKERED = {
    "GITLAB_TOKEN": (r"glpat-[A-Za-z0-9_.-]{20,64}", ("bearer",), "PRIVATE-TOKEN"),
    "ANTHROPIC_API_KEY": (r"sk-ant-[A-Za-z0-9_-]{80,120}", ("bearer",), "x-api-key"),
    "HF_TOKEN": (r"hf_[A-Za-z0-9]{30,40}", ("bearer",), ""),
    "SLACK_BOT_TOKEN": (r"xoxb-[A-Za-z0-9-]{30,80}", ("bearer",), ""),
    "STRIPE_API_KEY": (r"[rs]k_(live|test)_[A-Za-z0-9]{20,120}", ("bearer", "basic"), ""),
    "SENDGRID_API_KEY": (r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", ("bearer",), ""),
    "CLOUDFLARE_API_TOKEN": (r"[A-Za-z0-9_-]{40}", ("bearer",), ""),
    "DIGITALOCEAN_ACCESS_TOKEN": (r"dop_v1_[a-f0-9]{64}", ("bearer",), ""),
}
"""The form of each variable's value, and how requests carry it: in these ways, and in a header of its own.

Codex itself knows those of GitHub and OpenAI.
"""


def placeholders(_command: HookCommand) -> Iterator[SettingEntry]:
    """Yield the variables for which commands have a placeholder, where the user has switched on Codex's proxy."""
    place = ("features", "network_proxy")
    yield SettingEntry((*place, "credential_broker"), True, in_list=False)
    for name, (pattern, ways, header) in _BROKERED.items():
        urls = [f"https://{host}" for host in VARIABLES[name]]
        fields = {"env": [name], "patterns": [pattern], "url_prefixes": urls}
        fields["auth"] = [*ways, *(["header"] if header else [])]
        for key, value in (fields | ({"header": header} if header else {})).items():
            yield SettingEntry((*place, "credentials", name.lower(), key), value, in_list=False)
