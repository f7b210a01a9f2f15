"""One frozen Settings from five layers: defaults < user file < workspace file < editor < policy file.

TOML files spell a key in kebab-case (`keyring-timeout`), editors in camelCase (`tokenward.keyringTimeout`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tokenward.errors import SettingsError
from tokenward.model import Kind, Severity
from tokenward.names import SETTINGS_SECTION
from tokenward.places import Places, shown
from tokenward.problem import Problem
from tokenward.setting_fields import CONFIRMATIONS, FIELDS, Field, Layer, enters_version_control, fields_of
from tokenward.setting_files import Table, inside, policy_table, user_table, workspace_table

WORKSPACE_FILE = "tokenward.toml"
Confirmation = Literal["never", "session", "always"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user can choose, with the defaults.

    Attributes:
        exclude: what the user keeps from being scanned.
        workspace_exclude: what the workspace's own file keeps from it, which is to be reported.
        log_files: paths and patterns, relative to the workspace or absolute, of logs that are followed.
        trusted_folders: workspaces whose own rules count.
        ledger_retention_days: after so many the ledger lets go of what nothing depends on; 0 for never.
        generic_tokens: how much it matters what only its name makes a token of, if that is looked for.
        expiry_hints: an editor says behind a token or reference when it ends.
        lease_for: for how many seconds a token of a kind may be used once it is stored.
        workspace_lease_for: the same by the workspace, which can only shorten it.
        lease_confirm: when a person is asked before a token is used.
        workspace_lease_confirm: the same by the workspace, which can only make it stricter.
    """

    workspace_name: str | None = None
    enabled: bool = True
    scan_workspace: bool = True
    max_document_bytes: int = 10_000_000
    max_file_bytes: int = 10_000_000
    keyring_timeout: float = 30.0
    vault: Literal["auto", "keyring", "file", "editor"] = "auto"
    vault_file: Path | None = None
    allowed_backends: tuple[str, ...] = ()
    env_file: str = ".env"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    workspace_exclude: tuple[str, ...] = ()
    log_files: tuple[str, ...] = ()
    follow_symlinks: bool = False
    log_level: Literal["error", "warning", "info", "debug"] = "warning"
    rule_files: tuple[Path, ...] = ()
    trusted_folders: tuple[Path, ...] = ()
    generic_tokens: Literal["warning", "information", "off"] = "information"
    expiry_hints: bool = True
    allow_repository_ignores: bool = True
    ledger_retention_days: int = 0
    lease_for: tuple[tuple[Kind, int], ...] = ()
    workspace_lease_for: tuple[tuple[Kind, int], ...] = ()
    lease_confirm: Confirmation = "never"
    workspace_lease_confirm: Confirmation = "never"

    @property
    def looks_for_generic(self) -> bool:
        """Whether what only its name makes a token of is looked for."""
        return self.generic_tokens != "off"

    @property
    def generic_severity(self) -> Severity:
        return Severity.WARNING if self.generic_tokens == "warning" else Severity.INFORMATION

    def lease_seconds(self, kind: Kind) -> int | None:
        """For how long a token of a kind may be used once it is stored; None for no limit."""
        both = (dict(self.lease_for).get(kind), dict(self.workspace_lease_for).get(kind))
        return min((seconds for seconds in both if seconds is not None), default=None)

    @property
    def confirmation(self) -> Confirmation:
        """When a person is asked before a token is used, the stricter of what the user and the workspace say."""
        return max(self.lease_confirm, self.workspace_lease_confirm, key=CONFIRMATIONS.index)

    def env_path(self, root: Path) -> Path:
        """Where the workspace's environment file is; to be asked anew before each use.

        Raises:
            SettingsError: a link leads it out of the workspace, or into its version control.
        """
        path = root / self.env_file
        inner = inside(path, root)
        if inner is None or enters_version_control(inner.parts):
            raise SettingsError(
                f"{shown(path)} leads out of the workspace's own files; replace it by a file that is no link"
            )
        return path


def load_settings(
    places: Places, root: Path | None, editor: object = None
) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings for a workspace; what cannot be used is a Problem, and the layer below counts."""
    problems: list[Problem] = []
    policy = {chosen.name: chosen for chosen in _policy(places, problems)}
    values: dict[str, Any] = {}
    for chosen in _chosen(places, root, editor, problems):
        values[chosen.name] = chosen.value
        final = policy.get(chosen.name, chosen)
        if final.value != chosen.value:
            problems.append(_overruled(chosen, final))
    values |= {name: chosen.value for name, chosen in policy.items()}
    return replace(Settings(), **values), tuple(problems)


class _Chosen(NamedTuple):
    """One setting that somebody may set, and did."""

    source: str
    key: str
    name: str
    value: object


# Settings of editors' extensions in the same section, which the server never sees a use for.
_CLIENT_KEYS = {"server", "trace"}


def _policy(places: Places, problems: list[Problem]) -> Iterator[_Chosen]:
    path = places.policy_file
    if path is not None:
        yield from _accepted(Layer.POLICY, *_read(path, policy_table, problems), problems)


def _chosen(places: Places, root: Path | None, editor: object, problems: list[Problem]) -> Iterator[_Chosen]:
    """What is set, from the layer that counts least to the one that counts most."""
    yield from _accepted(Layer.USER, *_read(places.settings_file, user_table, problems), problems)
    if root is not None:
        read = partial(workspace_table, root=root)
        yield from _accepted(Layer.WORKSPACE, *_read(root / WORKSPACE_FILE, read, problems), problems)
    if editor is not None:
        yield from _accepted(Layer.EDITOR, Layer.EDITOR.value, editor, problems)


def _accepted(layer: Layer, source: str, table: object, problems: list[Problem]) -> Iterator[_Chosen]:
    if not isinstance(table, Mapping):
        problems.append(Problem(source, 0, f"{source}: `{SETTINGS_SECTION}` must be a table of settings"))
        return
    fields = fields_of(layer)
    for key, given in table.items():
        if layer is Layer.EDITOR and (given is None or key in _CLIENT_KEYS):
            continue
        if key not in fields:
            problems.append(_unknown(layer, source, str(key)))
            continue
        name, field = fields[key]
        value = field.read(given) if layer in field.layers else None
        if value is None:
            problems.append(_unusable(layer, source, key, field))
        else:
            yield _Chosen(source, key, name, value)


def _unknown(layer: Layer, source: str, key: str) -> Problem:
    known = ", ".join(f"`{layer.key(name)}`" for name, field in FIELDS.items() if layer in field.layers)
    # A long or odd key may be a token that went astray; it is not repeated.
    plain = key if re.fullmatch(r"[A-Za-z][A-Za-z_-]{0,31}", key) else None
    named = f"`{plain}`" if plain else "a key"
    return Problem(
        source, 0, f"{source}: {named} is no setting; remove it or choose one of {known}", key=plain
    )


def _unusable(layer: Layer, source: str, key: str, field: Field) -> Problem:
    if layer in field.layers:
        return Problem(source, 0, f"{source}: `{key}` has no effect; it must be {field.expected}", key=key)
    places = " or ".join(other.value for other in Layer if other in field.layers - {Layer.POLICY})
    return Problem(source, 0, f"{source}: `{key}` has no effect here; set it in {places}", key=key)


def _overruled(chosen: _Chosen, final: _Chosen) -> Problem:
    sentence = (
        f"{chosen.source}: `{chosen.key}` has no effect, because {final.source} sets it; remove it here"
    )
    return Problem(chosen.source, 0, sentence, key=chosen.key)


def _read(path: Path, read: Callable[[Path], Table], problems: list[Problem]) -> tuple[str, Table]:
    source = shown(path)
    try:
        return source, read(path)
    except SettingsError as error:
        problems.append(Problem(source, 0, f"{source} {error}"))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        problems.append(Problem(source, 0, f"{source} cannot be read ({why}); mend or remove it"))
    return source, {}
