"""One frozen Settings from four layers: defaults < user file < workspace file < editor.

TOML files spell a key in kebab-case (`keyring-timeout`), editors in camelCase (`tokenward.keyringTimeout`).
The table at the end says which layer may set what: a repository's file may never weaken safety.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Literal

from tokenward.errors import SettingsError
from tokenward.model import WORKSPACE_NAME
from tokenward.names import SETTINGS_SECTION
from tokenward.places import Places, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORKSPACE_FILE = "tokenward.toml"
# The parser's time grows with the square of a dotted key's length: 0.2 s for a hostile file of this size.
MAX_FILE_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user can choose, with the defaults."""

    workspace_name: str | None = None
    enabled: bool = True
    max_document_bytes: int = 10_000_000
    keyring_timeout: float = 30.0
    vault: Literal["auto", "keyring", "file"] = "auto"
    vault_file: Path | None = None
    allowed_backends: tuple[str, ...] = ()
    env_file: str = ".env"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    follow_symlinks: bool = False
    log_level: Literal["error", "warning", "info", "debug"] = "warning"
    rule_files: tuple[Path, ...] = ()
    allow_repository_ignores: bool = True

    def env_path(self, root: Path) -> Path:
        """Where the workspace's environment file is; to be asked anew before each use.

        Raises:
            SettingsError: a link leads it out of the workspace, or into its version control.
        """
        path = root / self.env_file
        inner = _inside(path, root)
        if inner is None or _enters_version_control(inner.parts):
            raise SettingsError(
                f"{shown(path)} leads out of the workspace's own files; replace it by a file that is no link"
            )
        return path


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a part of the settings has no effect, in one sentence; never holds the value that was set."""

    source: str
    key: str | None
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def load_settings(
    places: Places, root: Path | None, editor: object = None
) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings for a workspace; what cannot be used is a Problem, and the layer below counts."""
    problems: list[Problem] = []
    values: dict[str, Any] = dict(
        _accepted(_Layer.USER, *_read(places.settings_file, None, problems), problems)
    )
    if root is not None:
        table = _read(root / WORKSPACE_FILE, root, problems)
        values |= _accepted(_Layer.WORKSPACE, *table, problems)
    if editor is not None:
        values |= _accepted(_Layer.EDITOR, "the editor's settings", editor, problems)
    return replace(Settings(), **values), tuple(problems)


class _Layer(Enum):
    USER = "your own settings file"
    WORKSPACE = f"the workspace's {WORKSPACE_FILE}"
    EDITOR = "the editor's settings"

    def key(self, field: str) -> str:
        """A field's name as this layer spells it."""
        if self is not _Layer.EDITOR:
            return field.replace("_", "-")
        first, *others = field.split("_")
        return first + "".join(word.capitalize() for word in others)


def _accepted(
    layer: _Layer, source: str, table: object, problems: list[Problem]
) -> Iterator[tuple[str, object]]:
    if not isinstance(table, Mapping):
        problems.append(Problem(source, None, f"{source}: `{SETTINGS_SECTION}` must be a table of settings"))
        return
    fields = {layer.key(name): (name, field) for name, field in _FIELDS.items()}
    for key, given in table.items():
        if layer is _Layer.EDITOR and (given is None or key in _CLIENT_KEYS):
            continue
        if key not in fields:
            problems.append(_unknown(layer, source, str(key)))
            continue
        name, field = fields[key]
        value = field.read(given) if layer in field.layers else None
        if value is None:
            problems.append(_unusable(layer, source, key, field))
        else:
            yield name, value


def _unknown(layer: _Layer, source: str, key: str) -> Problem:
    known = ", ".join(f"`{layer.key(name)}`" for name, field in _FIELDS.items() if layer in field.layers)
    # A long or odd key may be a token that went astray; it is not repeated.
    plain = key if re.fullmatch(r"[A-Za-z][A-Za-z_-]{0,31}", key) else None
    named = f"`{plain}`" if plain else "a key"
    return Problem(source, plain, f"{source}: {named} is no setting; remove it or choose one of {known}")


def _unusable(layer: _Layer, source: str, key: str, field: _Field) -> Problem:
    if layer in field.layers:
        return Problem(source, key, f"{source}: `{key}` has no effect; it must be {field.expected}")
    places = " or ".join(other.value for other in _Layer if other in field.layers)
    return Problem(source, key, f"{source}: `{key}` has no effect here; set it in {places}")


def _read(path: Path, root: Path | None, problems: list[Problem]) -> tuple[str, Mapping[str, object]]:
    source = shown(path)
    try:
        return source, _parsed(_read_small_file(path, root))
    except SettingsError as error:
        problems.append(Problem(source, None, f"{source} {error}"))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        problems.append(Problem(source, None, f"{source} cannot be read ({why}); mend or remove it"))
    return source, {}


def _read_small_file(path: Path, root: Path | None) -> bytes:
    if root is not None and _inside(path, root) is None:
        raise SettingsError("is a link out of the workspace and was not read; replace it by a file")
    # Opening a FIFO must not wait for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise SettingsError("is no regular file and was not read; replace it by a file")
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise SettingsError(f"is larger than {MAX_FILE_BYTES} bytes and was not read; shorten it")
    return content


def _parsed(content: bytes) -> Mapping[str, object]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError("is not in UTF-8 and was not read; save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        # The parser's own text may repeat keys of the file; only its line number goes on.
        line = re.search(r"at line \d+", str(error))
        place = f" {line[0]}" if line else ""
        raise SettingsError(f"is not valid TOML{place} and was not read; mend it") from None


def _inside(path: Path, root: Path) -> PurePath | None:
    """Where in the root a path leads, all links followed; None when it leads out."""
    try:
        return path.resolve().relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return None


def _enters_version_control(parts: Sequence[str]) -> bool:
    return any(part.casefold() in _VERSION_CONTROL for part in parts)


def _workspace_name(given: object) -> str | None:
    return given if isinstance(given, str) and WORKSPACE_NAME.fullmatch(given) else None


def _switch(given: object) -> bool | None:
    return given if isinstance(given, bool) else None


def _number(high: int, kind: type[float], given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, (int, kind)) or not 1 <= given <= high:
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
    usable = isinstance(given, list) and all(isinstance(item, str) and item.isprintable() for item in given)
    return tuple(given) if usable and isinstance(given, list) else None


def _inner_path(given: object) -> str | None:
    """A relative path that neither climbs out of the workspace nor enters a version control's own files."""
    if not isinstance(given, str) or not given or given.startswith("/"):
        return None
    parts = PurePosixPath(given).parts
    # Windows drops dots and blanks at the end of a name, reads `:` as a stream, `~1` as a short name.
    plain = all(re.fullmatch(r"[\w .@+-]*[\w@+-]", part) for part in parts)
    return "/".join(parts) if parts and plain and not _enters_version_control(parts) else None


@dataclass(frozen=True, slots=True)
class _Field:
    layers: frozenset[_Layer]
    read: Callable[[object], object]
    expected: str


_VERSION_CONTROL = {".git", ".hg", ".jj", ".svn", ".sl", ".bzr"}
# Settings of editors' extensions in the same section, which the server never sees a use for.
_CLIENT_KEYS = {"server", "trace"}
_USER = frozenset({_Layer.USER})
_SAFE = frozenset({_Layer.USER, _Layer.EDITOR})
_LEVELS = ("error", "warning", "info", "debug")

_FIELDS: dict[str, _Field] = {
    "include": _Field(_SAFE, _patterns, "a list of patterns such as `.gitignore` has"),
    "exclude": _Field(_SAFE, _patterns, "a list of patterns such as `.gitignore` has"),
    "follow_symlinks": _Field(_SAFE, _switch, "true or false"),
    "workspace_name": _Field(
        frozenset({_Layer.WORKSPACE, _Layer.EDITOR}),
        _workspace_name,
        "1 to 64 of a-z, 0-9, `.`, `_` and `-`, a letter or digit first",
    ),
    "enabled": _Field(_SAFE, _switch, "true or false"),
    "max_document_bytes": _Field(_SAFE, partial(_number, 10**9, int), "a whole number from 1 to 1000000000"),
    "keyring_timeout": _Field(_SAFE, partial(_number, 600, float), "a number of seconds from 1 to 600"),
    "vault": _Field(_SAFE, partial(_choice, ("auto", "keyring", "file")), "`auto`, `keyring` or `file`"),
    "vault_file": _Field(_USER, _absolute_path, "an absolute path, or one that begins with ~/"),
    "allowed_backends": _Field(_USER, _modules, "a list of Python module names"),
    "rule_files": _Field(_USER, _absolute_paths, "a list of absolute paths, or of ones that begin with ~/"),
    "allow_repository_ignores": _Field(_USER, _switch, "true or false"),
    "env_file": _Field(frozenset(_Layer), _inner_path, "a relative path to a file inside the workspace"),
    "log_level": _Field(_SAFE, partial(_choice, _LEVELS), "`error`, `warning`, `info` or `debug`"),
}
