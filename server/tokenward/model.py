"""The immutable values that all parts share."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, NewType

from tokenward.fast_dataclasses import dataclass
from tokenward.language import phrase
from tokenward.names import REFERENCE_SCHEME

Fingerprint = NewType("Fingerprint", str)
"""Keyed HMAC-SHA-256 of a token's value: 32 lower-case hex characters."""
WORKSPACE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TOKEN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one setting, or one entry of a configuration file, has no effect.

    Attributes:
        path: the file, relative to its workspace with `/` or as the user named it; or another source of the setting.
        line: 0-based; 0 for a setting.
        sentence: what is wrong and what to do; never repeats what may be a token.
        is_note: the entry is correct, but a user may expect it to have an effect.
        key: of the setting, unless it is unknown and could be a token.
    """

    path: str
    line: int
    sentence: str
    is_note: bool = False
    key: str | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line + 1}: {self.sentence}"


class Secret:
    """A token's value, which prints as its label and is revealed only by `reveal`."""

    __slots__ = ("_label", "_value")

    def __init__(self, value: str, label: str = "token") -> None:
        self._value = value
        self._label = label

    def reveal(self) -> str:
        """Return the value. A search for this name lists every place that reveals a token."""
        return self._value

    def __repr__(self) -> str:
        return f"<{self._label}, {len(self._value)} characters>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (secret.reveal().encode("utf-8", "surrogatepass") for secret in (self, other))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be serialised; reveal it where it is sent")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code point offsets in a text."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Return whether two spans have a character in common."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Return whether another span is within this one."""
        return self.start <= other.start and other.end <= self.end

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """A place in a text: 0-based line by LSP's line rules, and column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Reference:
    """The text that replaces a token in a file: `keyring://WORKSPACE/NAME`."""

    workspace: str
    name: str

    def __post_init__(self) -> None:
        if not WORKSPACE_NAME.fullmatch(self.workspace):
            raise ValueError("not a workspace name")
        if not TOKEN_NAME.fullmatch(self.name):
            raise ValueError("not a token name")

    def __str__(self) -> str:
        return f"{REFERENCE_SCHEME}://{self.workspace}/{self.name}"

    @property
    def service(self) -> str:
        """Return the keyring's service name: one for each token, because Windows keeps one user name per service."""
        return f"tokenward/{self.workspace}/{self.name}"

    @property
    def username(self) -> str:
        """Return the keyring's user name."""
        return self.name


# A text is not a reference if the character before or after it could be part of a longer word.
# The pattern starts with a letter, because such patterns are searched many times faster.
_REFERENCE = re.compile(
    rf"{REFERENCE_SCHEME}://(?<![A-Za-z0-9_]{REFERENCE_SCHEME}://)({WORKSPACE_NAME.pattern})/({TOKEN_NAME.pattern})"
    r"(?![A-Za-z0-9_/-])"
)


def reference_of(text: str) -> Reference | None:
    """Return the reference that a whole text is; None for any other text."""
    match = _REFERENCE.fullmatch(text)
    return Reference(match[1], match[2]) if match else None


def reference_of_service(service: str) -> Reference | None:
    """Return the reference whose value a keyring stores under a service name; None if that is not one of ours."""
    ours, _, rest = service.partition("/")
    return reference_of(f"{REFERENCE_SCHEME}://{rest}") if ours == "tokenward" else None


def references_in(text: str) -> Iterator[tuple[Span, Reference]]:
    """Yield every reference in a text, in order, with its place."""
    for match in _REFERENCE.finditer(text):
        yield Span(match.start(), match.end()), Reference(match[1], match[2])


class Surface(StrEnum):
    """The kind of place where a text was seen."""

    DOCUMENT = "document"
    NOTEBOOK = "notebook"
    FILE = "file"
    TERMINAL = "terminal"
    LOG = "log"
    PASTE = "paste"
    PROMPT = "prompt"
    TRANSCRIPT = "transcript"


class FilePlace(NamedTuple):
    """A place in a file, in the units of other programs.

    Attributes:
        start: byte offset of the first character in the file on the disk.
        end: byte offset one past the last.
        start_character: column of the first in UTF-16 units.
        end_character: column one past the last.
        start_byte_column: column of the first in UTF-8 units, as LSP counts them.
        end_byte_column: column one past the last.
    """

    start: int
    end: int
    start_character: int
    end_character: int
    start_byte_column: int
    end_byte_column: int


class Kind(StrEnum):
    """How long a token persists."""

    SESSION = phrase("session-bound")
    EXPIRING = phrase("expiring")
    LONG_LIVED = phrase("long-lived")
    KEY_PAIR = phrase("key pair")
    UNKNOWN = phrase("unknown")


class Severity(StrEnum):
    """The severity of a finding, in the words of LSP and SARIF."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Claims:
    """Facts in a token's value, read without verifying; none of them is secret.

    Attributes:
        issued: when it was issued, in seconds since 1970, UTC.
        expires: when it stops working, from the same source.
        facts: further facts, each with its name and value, such as `("AWS account", "123456789012")`.
        checksum: whether its checksum is right, so that it is certainly a token or certainly not; None without one.
    """

    issued: int | None = None
    expires: int | None = None
    facts: tuple[tuple[str, str], ...] = ()
    checksum: bool | None = None


NO_CLAIMS = Claims()


@dataclass(frozen=True, slots=True)
class Profile:
    """Facts about a token that need no request; every text is a sentence or part of one.

    Attributes:
        provider: as people write it, such as `GitHub`.
        kind: how long it persists.
        lifetime: how long such tokens are valid, such as `8 hours` or `until it is revoked`; empty if unknown.
        scope: the holder's rights; empty if unknown.
        works_elsewhere: whether a copy works outside the workspace; None if unknown.
        ends: how it is revoked or ended, such as `Stop the workspace.`; empty if unknown.
        page: the provider's page for revoking it; empty if absent.
        claims: facts in the value.
        harmless: it gives no access by itself: an id, a key of a test mode, an encrypted private key.
        hosts: where it may go, with `*.` in front for a tenant; empty if unknown, or for servers of one's own.
    """

    provider: str
    kind: Kind = Kind.UNKNOWN
    lifetime: str = ""
    scope: str = ""
    works_elsewhere: bool | None = None
    ends: str = ""
    page: str = ""
    claims: Claims = NO_CLAIMS
    harmless: bool = False
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A token in one place on one surface, without its value.

    Attributes:
        rule: the full id of the rule that matched, such as `betterleaks.github-pat`.
        provider: the token's provider, as people write it, such as `GitHub`.
        label: shown instead of the value: the provider's public prefix and the length.
        start: the token's first character.
        end: one past the token's last character.
        fingerprint: the same for equal values.
        whole: the finding covers the whole token, so it may be moved.
        place: the same place in the units of reports; None outside files.
        claims: facts in the value.
        traces: fingerprints of the token's identifiers in access logs.
        name: the variable or key before it on its line; empty if absent, or if it could be a token.
    """

    rule: str
    provider: str
    label: str
    start: Point
    end: Point
    fingerprint: Fingerprint
    whole: bool = True
    place: FilePlace | None = None
    claims: Claims = NO_CLAIMS
    traces: tuple[Fingerprint, ...] = ()
    name: str = ""


class IgnoredDetection(NamedTuple):
    """A place that would be a finding if the workspace's own configuration did not ignore it.

    Attributes:
        path: the file, relative to its workspace.
        line: 0-based.
        rule: the full id of the rule.
        by: the source that ignored it: `a comment`, a file, or `file:line` with the line from 1.
    """

    path: str
    line: int
    rule: str
    by: str

    @property
    def source(self) -> str:
        """Return the source that ignored it, without the line."""
        return re.sub(r":\d+\Z", "", self.by)
