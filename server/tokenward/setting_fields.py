"""The table of settings: who may set each, and its valid values.

A repository's file can never weaken safety, and a policy file can only restrict its users.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import partial
from pathlib import Path, PurePosixPath

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Kind
from tokenward.token_prefixes import is_workspace_name

MOST_PATTERNS, LONGEST_PATTERN = 1_000, 400
"""Limits that keep a repository from slowing down a scan."""


class Layer(Enum):
    """A source of settings."""

    USER = "your own settings file"
    WORKSPACE = "the workspace's tokenward.toml"
    EDITOR = "the editor's settings"
    POLICY = "the policy file"

    def key(self, field: str) -> str:
        """Return a field's name in this layer's spelling."""
        written = _KEYS.get(field, field)
        if self is not Layer.EDITOR:
            return written.replace("_", "-")
        first, *others = written.split("_")
        return first + "".join(word.capitalize() for word in others)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting.

    Attributes:
        layers: the sources that may set it.
        read: converts a value; returns None if it is unusable.
        expected: the valid values, in words.
    """

    layers: frozenset[Layer]
    read: Callable[[object], object]
    expected: str


def fields_of(layer: Layer) -> dict[str, tuple[str, Field]]:
    """Return every setting by its key in a layer, with its name, including those that the layer may not set."""
    named = [(layer.key(name), (name, field)) for name, field in FIELDS.items()]
    # If two settings share a key, the one that the layer may set counts.
    return dict(sorted(named, key=lambda item: layer in item[1][1].layers))


def enters_version_control(parts: Sequence[str]) -> bool:
    """Return whether a path enters a version control's own folder."""
    return any(part.casefold() in _VERSION_CONTROL for part in parts)


def duration(text: str) -> int | None:
    """Return the seconds of a text such as `8h`; None if it is not a duration, or is more than a century."""
    found = re.fullmatch(r"([0-9]{1,10})([smhdw])", text, re.ASCII)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    return seconds if 0 < seconds <= _LONGEST else None


_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_LONGEST = 100 * 366 * 86_400
DURATION = "a number and one of `s`, `m`, `h`, `d` and `w`, such as `8h`"


def _durations(given: object) -> tuple[tuple[Kind, int], ...] | None:
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in given.values()):
        return None
    kinds = {kind.value: kind for kind in Kind}
    spans = [(kinds.get(str(key)), duration(text)) for key, text in given.items()]
    usable = tuple((kind, seconds) for kind, seconds in spans if kind is not None and seconds is not None)
    return usable if len(usable) == len(spans) else None


def _workspace_name(given: object) -> str | None:
    return given if isinstance(given, str) and is_workspace_name(given) else None


def _switch(given: object) -> bool | None:
    return given if isinstance(given, bool) else None


def _number(low: int, high: int, kind: type[float], given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, (int, kind)) or not low <= given <= high:
        return None
    return kind(given)


def _choice(words: tuple[str, ...], given: object) -> str | None:
    return given if isinstance(given, str) and given in words else None


def _absolute_path(given: object) -> Path | None:
    if not isinstance(given, str) or not given.isprintable():
        return None
    with contextlib.suppress(RuntimeError):
        path = Path(given).expanduser()
        return path if path.is_absolute() else None
    return None


def _absolute_paths(given: object) -> tuple[Path, ...] | None:
    paths = [_absolute_path(item) for item in given] if isinstance(given, list) else [None]
    return None if None in paths else tuple(path for path in paths if path is not None)


def _modules(given: object) -> tuple[str, ...] | None:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        return None
    return tuple(given) if all(re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", name) for name in given) else None


def _patterns(given: object) -> tuple[str, ...] | None:
    if not isinstance(given, list) or len(given) > MOST_PATTERNS:
        return None
    usable = (isinstance(one, str) and len(one) <= LONGEST_PATTERN and one.isprintable() for one in given)
    return tuple(given) if all(usable) else None


def _inner_path(given: object) -> str | None:
    """Return a relative path that neither leaves the workspace nor enters a version control's own files."""
    if not isinstance(given, str) or not given or given.startswith("/"):
        return None
    parts = PurePosixPath(given).parts
    # Windows drops dots and blanks at the end of a name, and treats `:` as a stream and `~1` as a short name.
    plain = all(re.fullmatch(r"[\w .@+-]*[\w@+-]", part) for part in parts)
    return "/".join(parts) if parts and plain and not enters_version_control(parts) else None


# Fields whose key differs from their name.
_KEYS = {
    "workspace_exclude": "exclude",
    "workspace_lease_for": "lease_for",
    "workspace_lease_confirm": "lease_confirm",
    "workspace_agents": "agents",
}
_VERSION_CONTROL = {".git", ".hg", ".jj", ".svn", ".sl", ".bzr"}
_USER = frozenset({Layer.USER})
_SAFE = frozenset({Layer.USER, Layer.EDITOR})
_BINDING = frozenset({Layer.USER, Layer.POLICY})
_WORKSPACE = frozenset({Layer.WORKSPACE})

_size = partial(_number, 1, 10**9, int)
_SIZE = "a whole number from 1 to 1000000000"
_SWITCH = "true or false"
_PATTERNS = (
    f"a list of patterns as in `.gitignore`, {MOST_PATTERNS:,} at most, none longer than {LONGEST_PATTERN}"
)
_LOGS = (
    f"a list of paths and of patterns with `*`, `?`, `[…]` and `**`, {MOST_PATTERNS:,} at most, none longer than"
    f" {LONGEST_PATTERN}"
)
_PATHS = "a list of absolute paths, or of ones that begin with ~/"
_LEVELS = ("error", "warning", "info", "debug")
CONFIRMATIONS = ("never", "session", "always")
"""From the loosest to the strictest."""
_confirmation = partial(_choice, CONFIRMATIONS)
_CONFIRMATION = "`never`, `session` or `always`"
AGENT_ACCESS = ("allow", "ask", "deny")
"""From the loosest to the strictest."""
_agent_access = partial(_choice, AGENT_ACCESS)
_AGENT_ACCESS = "`allow`, `ask` or `deny`"
_SPANS = f"a table of kinds of tokens ({', '.join(f'`{kind.value}`' for kind in Kind)}), for each {DURATION}"

FIELDS: dict[str, Field] = {
    "enabled": Field(_SAFE, _switch, _SWITCH),
    "scan_workspace": Field(_SAFE, _switch, _SWITCH),
    "include": Field(_SAFE, _patterns, _PATTERNS),
    "workspace_exclude": Field(_WORKSPACE, _patterns, _PATTERNS),
    "exclude": Field(_SAFE, _patterns, _PATTERNS),
    "log_files": Field(_SAFE, _patterns, _LOGS),
    "watch_transcripts": Field(_SAFE, _switch, _SWITCH),
    "follow_symlinks": Field(_SAFE, _switch, _SWITCH),
    "max_file_bytes": Field(_SAFE, _size, _SIZE),
    "max_document_bytes": Field(_SAFE, _size, _SIZE),
    "workspace_name": Field(
        frozenset({Layer.WORKSPACE, Layer.EDITOR}),
        _workspace_name,
        "1 to 64 of a-z, 0-9, `.`, `_` and `-`, a letter or digit first",
    ),
    "env_file": Field(
        frozenset({Layer.USER, Layer.WORKSPACE, Layer.EDITOR}),
        _inner_path,
        "a relative path to a file inside the workspace",
    ),
    "keyring_timeout": Field(_SAFE, partial(_number, 1, 600, float), "a number of seconds from 1 to 600"),
    "vault": Field(
        _SAFE | _BINDING,
        partial(_choice, ("auto", "keyring", "file", "editor")),
        "`auto`, `keyring`, `file` or `editor`",
    ),
    "vault_file": Field(_USER, _absolute_path, "an absolute path, or one that begins with ~/"),
    "allowed_backends": Field(_BINDING, _modules, "a list of Python module names"),
    "rule_files": Field(_BINDING, _absolute_paths, _PATHS),
    "trusted_folders": Field(_USER, _absolute_paths, _PATHS),
    "generic_tokens": Field(
        _SAFE, partial(_choice, ("warning", "information", "off")), "`warning`, `information` or `off`"
    ),
    "expiry_hints": Field(_SAFE | _BINDING, _switch, _SWITCH),
    "code_lenses": Field(_SAFE | _BINDING, _switch, _SWITCH),
    "allow_repository_ignores": Field(_BINDING, _switch, _SWITCH),
    "ledger_retention_days": Field(
        _BINDING, partial(_number, 0, 36_500, int), "a whole number of days up to 36500; 0 keeps everything"
    ),
    "ledger_required": Field(
        _USER, partial(_choice, ("never", "approval", "always")), "`never`, `approval` or `always`"
    ),
    "workspace_lease_for": Field(_WORKSPACE, _durations, _SPANS),
    "lease_for": Field(_BINDING, _durations, _SPANS),
    "workspace_lease_confirm": Field(_WORKSPACE, _confirmation, _CONFIRMATION),
    "lease_confirm": Field(_BINDING, _confirmation, _CONFIRMATION),
    "workspace_agents": Field(_WORKSPACE, _agent_access, _AGENT_ACCESS),
    "agents": Field(_BINDING, _agent_access, _AGENT_ACCESS),
    "agents_store": Field(_BINDING, _switch, _SWITCH),
    "agents_clipboard": Field(_BINDING, _switch, _SWITCH),
    "daemon": Field(_BINDING, _switch, _SWITCH),
    "log_level": Field(_SAFE, partial(_choice, _LEVELS), "`error`, `warning`, `info` or `debug`"),
}
