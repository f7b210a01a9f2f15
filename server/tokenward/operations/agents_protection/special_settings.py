"""Settings of agents that are computed: denied files, Claude Code's shell, Codex's trusted hooks."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from tokenward.catalog.home_files import files_of, home_files
from tokenward.catalog.rows import rows
from tokenward.detection.rules.token_hosts import hosts_in, masked_variables
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.rewriting.settings_files.setting_entry import SettingEntry, at
from tokenward.thin_client import AGENT_SHELL, SHELL_PREFIX

OURS = (
    *("~/.local/share/tokenward/**", "~/.config/tokenward/**"),
    *("~/Library/Application Support/tokenward/**", "~/AppData/Local/tokenward/**"),
)
"""Where Tokenward keeps its records and settings."""
_TITLE = "# Tokenward: files with credentials, which the assistant does not read"
_KEY_FILES = (
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "id_rsa",
    "id_ed25519",
    ".netrc",
    ".git-credentials",
)
_ENVIRONMENT = (".env", ".env.*", "!.env.example", "!.env.sample", "!.env.template")
KEYS = "\n".join((_TITLE, *_KEY_FILES))
"""The lines of an ignore file that denies keys."""
IGNORED = "\n".join((KEYS, *_ENVIRONMENT))
"""Those of one that denies environment files too, to agents without hooks that could check them."""
_UNUSABLE = (
    "Broken: `sandbox.credentials.envVars` masks variables, and without `sandbox.network.tlsTerminate` commands cannot "
    "log in with them; remove the masks, or set it to {}."
)
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
FIRST_KNOWN = "0.169.0"
"""The version of Codex that was found to make digests so."""


@cache
def stores() -> Sequence[str]:
    """Return where tools of the user keep what they log in with, and what was typed into them."""
    transcripts = [row["transcripts"]["places"] for row in rows("tools").values() if "transcripts" in row]
    typed = [place for places in transcripts for place, _, origin in places if origin == "PASTED"]
    files = [*home_files(), *files_of({"places": typed})]
    return [f"~/{one.path}" for one in files if one.denied and one.path]


def shell_entries(command: HookCommand) -> Iterator[SettingEntry]:
    """Yield the entry with our program in place of the shell, so that a command stays as it was written."""
    shell = f"{command.program}{AGENT_SHELL}"
    if sys.platform != "win32" and Path(shell).is_file():
        yield SettingEntry(("env", SHELL_PREFIX), shell, in_list=False)


def broken_masks(settings: object) -> str:
    """Return what masks of variables break that somebody else, or an earlier version, has set; empty for nothing."""
    sandbox = at(settings, ("sandbox",))
    masks = at(sandbox, ("credentials", "envVars"))
    is_masked = isinstance(masks, list) and any(at(one, ("mode",)) == "mask" for one in masks)
    if at(sandbox, ("enabled",)) is not True or at(sandbox, ("network", "tlsTerminate")) is not None:
        return ""
    return _UNUSABLE if is_masked else ""


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


_CODEX_KNOWS = ("GitHub", "OpenAI")
"""The providers whose variables Codex itself gives placeholders."""


def placeholders(_command: HookCommand) -> Iterator[SettingEntry]:
    """Yield the variables for which commands have a placeholder, where the user has switched on Codex's proxy."""
    place = ("features", "network_proxy")
    yield SettingEntry((*place, "credential_broker"), True, in_list=False)
    for name, row in masked_variables():
        if row.name in _CODEX_KNOWS:
            continue
        hosts = [host for host in hosts_in(row) if not host.is_form]
        ways = dict.fromkeys(way for host in hosts for way in host.ways)
        # It knows one header for each variable.
        header = next((name for host in hosts for name in host.headers if name != "authorization"), "")
        fields = {
            "env": [name],
            "patterns": [row.form],
            "url_prefixes": [f"https://{host.name}{host.path}" for host in hosts],
        }
        fields["auth"] = [*(way for way in ways if way in _WAYS_OF_CODEX), *(["header"] if header else [])]
        for key, value in (fields | ({"header": header} if header else {})).items():
            yield SettingEntry((*place, "credentials", name.lower(), key), value, in_list=False)


_WAYS_OF_CODEX = ("bearer", "basic")
