"""The mapping file: the fields that a review needs from a log in any format, and the names of tokens in logs.

time = "ts"
address = "client.ip"
action = "request.path"
token = "auth.key_hash"
token-is = "sha256-hex"

[names]
"keyring://acme-api/GITLAB_TOKEN" = ["gitlab-user:4711"]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenward.errors import SettingsError, TokenwardError
from tokenward.model import Reference, references_in
from tokenward.places import shown
from tokenward.setting_files import user_table
from tokenward.sources.logs.access_logs import LogUse, TokenNaming, field_of, log_use, text_of, time_of

_FIELDS = ("time", "address", "action", "token")
_KINDS = [kind.value for kind in TokenNaming if kind is not TokenNaming.GITLAB_USER]


@dataclass(frozen=True, slots=True)
class LogMapping:
    """The format of logs.

    Attributes:
        paths: the dotted path of each field; empty for logs in known formats.
        naming: the kind of identifier at the token's path.
        names: additional identifiers of stored tokens in logs.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    naming: TokenNaming = TokenNaming.ID
    names: Mapping[Reference, tuple[str, ...]] = field(default_factory=dict)

    def read(self, record: Mapping[str, Any]) -> LogUse | None:
        """Return the use that a record describes; None if it is of no known log."""
        if not self.paths:
            return log_use(record)
        found = {name: field_of(record, path) for name, path in self.paths.items()}
        return LogUse(
            provider="",
            time=time_of(found.get("time")),
            raw_address=found.get("address"),
            raw_action=found.get("action") or "use",
            naming=self.naming,
            name=text_of(found.get("token")),
        )


def read_mapping(path: Path) -> LogMapping:
    """Read a mapping file.

    Raises:
        TokenwardError: it cannot be used; the message says why.
    """
    try:
        return _mapping(user_table(path))
    except OSError as error:
        reason = f"cannot be read ({error.strerror}); check the path and its permissions"
    except SettingsError as error:
        reason = str(error)
    raise TokenwardError(f"{shown(path)} {reason}.")


def _mapping(table: Mapping[str, object]) -> LogMapping:
    unknown = sorted(set(table) - {*_FIELDS, "token-is", "names"})
    if unknown:
        raise SettingsError(
            f"has an unknown key; a mapping may have {', '.join(_FIELDS)}, token-is and names"
        )
    paths = {name: path for name in _FIELDS if isinstance(path := table.get(name), str) and path}
    if paths and not {"time", "token"} <= set(paths):
        raise SettingsError(
            "does not say where the time and the token are; set `time` and `token`, each to a dotted path"
        )
    kind = table.get("token-is", "")
    if paths and kind not in _KINDS:
        raise SettingsError(
            f"does not say what the token's field contains; set `token-is` to one of {', '.join(_KINDS)}"
        )
    return LogMapping(
        paths, TokenNaming(str(kind)) if paths else TokenNaming.ID, _names(table.get("names", {}))
    )


def _names(table: object) -> Mapping[Reference, tuple[str, ...]]:
    names: dict[Reference, tuple[str, ...]] = {}
    for written, given in table.items() if isinstance(table, dict) else [("", None)]:
        references = [reference for _, reference in references_in(str(written)) if str(reference) == written]
        if not references or not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            raise SettingsError(
                'has names that cannot be read; write `"keyring://WORKSPACE/NAME" = ["what logs call it"]`'
            )
        names[references[0]] = tuple(given)
    return names
