"""A frozen Settings from five layers: defaults < user file < workspace file < editor < policy file.

TOML files spell a key in kebab-case (`keyring-timeout`), editors in camelCase (`tokenward.keyringTimeout`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tokenward.errors import SettingsError
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Kind, Problem, Severity
from tokenward.names import SETTINGS_SECTION
from tokenward.places import Places, shown
from tokenward.setting_fields import (
    AGENT_ACCESS,
    CONFIRMATIONS,
    FIELDS,
    Field,
    Layer,
    enters_version_control,
    fields_of,
)
from tokenward.setting_files import Table, inside, policy_table, user_table, workspace_table

WORKSPACE_FILE = "tokenward.toml"
Confirmation = Literal["never", "session", "always"]
AgentAccess = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings, with their defaults.

    Attributes:
        exclude: patterns of files that the user does not want scanned.
        workspace_exclude: the same from the workspace's own file, which are reported.
        log_files: paths and patterns of logs to follow, relative to the workspace or absolute.
        watch_transcripts: whether the server follows the transcripts of AI agents, and says which token one has seen.
        trusted_folders: workspaces whose own rules count.
        ledger_retention_days: the age at which the ledger empties records that nothing depends on; 0 for never.
        generic_tokens: the severity of values that only their names suggest to be tokens, or whether to skip them.
        expiry_hints: editors show when a token expires.
        code_lenses: editors show what to do with a token or reference above its line.
        lease_for: the seconds for which a token of a kind may be used once it is stored.
        workspace_lease_for: the same from the workspace, which can only shorten it.
        lease_confirm: when a person must approve the use of a token.
        workspace_lease_confirm: the same from the workspace, which can only make it stricter.
        agents: whether an AI agent gets a token: `allow` as a person does, `ask` a person each time, or `deny`.
        workspace_agents: the same from the workspace, which can only make it stricter.
        agents_store: store new tokens that agents' tools and commands print, and show agents the references.
        ledger_required: which uses of tokens are refused while the ledger cannot be written.
        agents_clipboard: copy the prompt without its tokens if a hook stopped it.
        daemon: a process may stay to answer the next commands and hooks more quickly.
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
    watch_transcripts: bool = False
    follow_symlinks: bool = False
    log_level: Literal["error", "warning", "info", "debug"] = "warning"
    rule_files: tuple[Path, ...] = ()
    trusted_folders: tuple[Path, ...] = ()
    generic_tokens: Literal["warning", "information", "off"] = "information"
    expiry_hints: bool = True
    code_lenses: bool = True
    allow_repository_ignores: bool = True
    ledger_retention_days: int = 0
    ledger_required: Literal["never", "approval", "always"] = "approval"
    lease_for: tuple[tuple[Kind, int], ...] = ()
    workspace_lease_for: tuple[tuple[Kind, int], ...] = ()
    lease_confirm: Confirmation = "never"
    workspace_lease_confirm: Confirmation = "never"
    agents: AgentAccess = "ask"
    workspace_agents: AgentAccess = "allow"
    agents_store: bool = False
    agents_clipboard: bool = True
    daemon: bool = True

    @property
    def looks_for_generic(self) -> bool:
        """Return whether to look for values that only their name suggests to be tokens."""
        return self.generic_tokens != "off"

    @property
    def generic_severity(self) -> Severity:
        """Return the severity of values that only their names identify."""
        return Severity.WARNING if self.generic_tokens == "warning" else Severity.INFORMATION

    def lease_seconds(self, kind: Kind) -> int | None:
        """Return for how long a token of a kind may be used once it is stored; None for no limit."""
        both = (dict(self.lease_for).get(kind), dict(self.workspace_lease_for).get(kind))
        return min((seconds for seconds in both if seconds is not None), default=None)

    @property
    def confirmation(self) -> Confirmation:
        """Return when a person must approve the use of a token: the stricter of the user's and the workspace's."""
        return max(self.lease_confirm, self.workspace_lease_confirm, key=CONFIRMATIONS.index)

    @property
    def agent_access(self) -> AgentAccess:
        """Return whether an AI agent gets a token: the stricter of the user's and the workspace's."""
        return max(self.agents, self.workspace_agents, key=AGENT_ACCESS.index)

    def env_path(self, root: Path) -> Path:
        """Return the path of the workspace's environment file; call it again before each use.

        Raises:
            SettingsError: a link leads it out of the workspace, or into its version control.
        """
        return own_path(root / self.env_file, root)


def own_path(path: Path, root: Path) -> Path:
    """Return the path of one of a workspace's own files; call it again before each use.

    Raises:
        SettingsError: a link leads it out of the workspace, or into its version control.
    """
    inner = inside(path, root)
    if inner is None or enters_version_control(inner.parts):
        raise SettingsError(
            f"{shown(path)} leads out of the workspace's own files; replace it with a file that is not a link"
        )
    return path


def load_settings(
    places: Places, root: Path | None, editor: object = None
) -> tuple[Settings, tuple[Problem, ...]]:
    """Return the settings for a workspace; for an unusable setting, return a Problem and use the layer below."""
    problems: list[Problem] = []
    policy: dict[str, _Chosen] = {}
    if places.policy_file is not None:
        table = _read_table(places.policy_file, policy_table, problems)
        policy = {chosen.name: chosen for chosen in _accepted_settings(Layer.POLICY, *table, problems)}
    values: dict[str, Any] = {}
    for chosen in _chosen_settings(places, root, editor, problems):
        values[chosen.name] = chosen.value
        final = policy.get(chosen.name, chosen)
        if final.value != chosen.value:
            sentence = f"`{chosen.key}` has no effect, because {final.source} sets it; remove it here"
            problems.append(Problem(chosen.source, 0, f"{chosen.source}: {sentence}", key=chosen.key))
    values |= {name: chosen.value for name, chosen in policy.items()}
    return replace(Settings(), **values), tuple(problems)


class _Chosen(NamedTuple):
    """A setting in one layer that may set it."""

    source: str
    key: str
    name: str
    value: object


# Settings of editors' extensions in the same section, which the server does not use.
_CLIENT_KEYS = {"server", "trace"}


def _chosen_settings(
    places: Places, root: Path | None, editor: object, problems: list[Problem]
) -> Iterator[_Chosen]:
    """Yield the settings, from the layer that counts least to the one that counts most."""
    yield from _accepted_settings(
        Layer.USER, *_read_table(places.settings_file, user_table, problems), problems
    )
    if root is not None:
        read = partial(workspace_table, root=root)
        yield from _accepted_settings(
            Layer.WORKSPACE, *_read_table(root / WORKSPACE_FILE, read, problems), problems
        )
    if editor is not None:
        yield from _accepted_settings(Layer.EDITOR, Layer.EDITOR.value, editor, problems)


def _accepted_settings(
    layer: Layer, source: str, table: object, problems: list[Problem]
) -> Iterator[_Chosen]:
    if not isinstance(table, Mapping):
        problems.append(Problem(source, 0, f"{source}: `{SETTINGS_SECTION}` must be a table of settings"))
        return
    fields = fields_of(layer) if table else {}
    for key, given in table.items():
        if layer is Layer.EDITOR and (given is None or key in _CLIENT_KEYS):
            continue
        if key not in fields:
            problems.append(_unknown_key(layer, source, str(key)))
            continue
        name, field = fields[key]
        value = field.read(given) if layer in field.layers else None
        if value is None:
            problems.append(_unusable_value(layer, source, key, field))
        else:
            yield _Chosen(source, key, name, value)


def _unknown_key(layer: Layer, source: str, key: str) -> Problem:
    known = ", ".join(f"`{layer.key(name)}`" for name, field in FIELDS.items() if layer in field.layers)
    # A long or odd key may be a misplaced token, so it is not repeated.
    plain = key if re.fullmatch(r"[A-Za-z][A-Za-z_-]{0,31}", key) else None
    named = f"`{plain}`" if plain else "a key"
    return Problem(
        source, 0, f"{source}: {named} is not a setting; remove it or choose one of {known}", key=plain
    )


def _unusable_value(layer: Layer, source: str, key: str, field: Field) -> Problem:
    if layer in field.layers:
        return Problem(source, 0, f"{source}: `{key}` has no effect; it must be {field.expected}", key=key)
    places = " or ".join(other.value for other in Layer if other in field.layers - {Layer.POLICY})
    return Problem(source, 0, f"{source}: `{key}` has no effect here; set it in {places}", key=key)


def _read_table(path: Path, read: Callable[[Path], Table], problems: list[Problem]) -> tuple[str, Table]:
    source = shown(path)
    try:
        return source, read(path)
    except SettingsError as error:
        problems.append(Problem(source, 0, f"{source} {error}"))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        problems.append(Problem(source, 0, f"{source} cannot be read ({why}); correct or remove it"))
    return source, {}
