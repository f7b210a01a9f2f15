"""What an agent's settings are to hold: the entries of its row in the catalog, with the hook's command in place."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenward.operations.agents_protection import claude, codex
from tokenward.operations.agents_protection.credential_files import IGNORED, KEYS, OURS, VARIABLES, stores
from tokenward.operations.agents_protection.hook_command import HookCommand
from tokenward.rewriting.settings_files.setting_entry import SettingEntry

_SPECIAL = {"claude_shell": claude.shell_entries, "codex_placeholders": codex.placeholders}
_PLACES: Mapping[str, Callable[[], Sequence[str]]] = {
    "<stores>": stores,
    "<whole stores>": lambda: [one for one in stores() if "*" not in one],
    "<ours>": lambda: OURS,
}
"""Lists of files, the second for agents that take no patterns."""
_FOLDER = Path(__file__).parent
_WORD = re.compile(r"<[^<>]+>")


def entries_of(
    file: Mapping[str, Any], command: HookCommand, events: Sequence[tuple[str, bool]]
) -> Iterator[SettingEntry]:
    """Yield what a settings file is to hold for a command that is run at some events.

    Args:
        file: one of the `files` of an agent's protection. It may have `entries` as they are, `each`, an entry for each
            event, with the fields `of_tools` where that is about a tool, `denied`, an entry for each of some places,
            `hosts`, the path of the list of a variable's hosts, the name of a file whose `text` is the whole, and the
            name of a `special` function. In its texts, words such as `<line>` stand for the command and for lists.
        command: the hook's.
        events: the names of events, and whether each is about a tool.
    """
    words = _words(command)
    for entry in file.get("entries", ()):
        yield _entry(entry, words)
    if "text" in file:
        # Packages leave out folders whose names begin with a dot.
        text = _FOLDER.joinpath(file["text"]).read_text("utf-8")
        yield SettingEntry((), text.replace("$COMMAND", json.dumps(command.words)))
    if "each" in file:
        for event, is_tool in events:
            each = file["each"]
            of_tools = each.get("of_tools", {}) if is_tool else {}
            yield _entry({**each, "value": {**of_tools, **each["value"]}}, {**words, "<event>": event})
    for denied in file.get("denied", ()):
        for named in denied["places"]:
            for place in _PLACES[named]() if named in _PLACES else [named]:
                yield _entry(denied, {"<place>": place})
    if "hosts" in file:
        for variable, hosts in VARIABLES.items():
            yield from (
                SettingEntry(_filled(tuple(file["hosts"]), {"<variable>": variable}), one) for one in hosts
            )
    if "special" in file:
        yield from _SPECIAL[file["special"]](command)


def _words(command: HookCommand) -> dict[str, object]:
    return {
        "<line>": command.line,
        "<line of sh>": shlex.join(command.words),
        "<PowerShell>": command.powershell,
        "<PowerShell, on Windows>": command.powershell if sys.platform == "win32" else None,
        "<keys>": KEYS,
        "<keys and environment files>": IGNORED,
    }


def _entry(entry: Mapping[str, Any], words: Mapping[str, object]) -> SettingEntry:
    path, value = tuple(_filled(entry["path"], words)), _filled(entry["value"], words)
    return SettingEntry(path, value, entry.get("in_list", True))


def _filled(value: Any, words: Mapping[str, object]) -> Any:
    """Return a value with its words in place, without the fields whose word means nothing."""
    if isinstance(value, Mapping):
        filled = {key: _filled(one, words) for key, one in value.items()}
        return {key: one for key, one in filled.items() if one is not None}
    if isinstance(value, list | tuple):
        return type(value)(_filled(one, words) for one in value)
    if not isinstance(value, str) or value in words:
        return words.get(value, value) if isinstance(value, str) else value
    # In one pass, so that nothing in the words themselves is replaced.
    return _WORD.sub(lambda found: str(words.get(found[0], found[0])), value)
