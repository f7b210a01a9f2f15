"""The providers of tokens by rule id, from providers.toml, and the profile and severity of a token.

A profile derives from a token's rule and claims only.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tokenward.detection.rules.own_rules import GENERIC
from tokenward.fast_dataclasses import dataclass
from tokenward.model import NO_CLAIMS, Claims, Kind, Profile, Severity

_SHORTEST_OPENING = 3
EASY_TO_GUESS = ("strength", "easy to guess")
"""The claim of a password that a person may have chosen."""
_YEAR = 366 * 86_400
_LASTING = (Kind.LONG_LIVED, Kind.KEY_PAIR)
_TEMPORARY = ("credential", "temporary")
_HARMLESS = (
    {("mode", "test")},
    {("mode", "public")},
    {("protection", "a passphrase")},
    {("issuer", "supabase"), ("role", "anon")},
)
"""Sets of claims, each of which makes a copy of the token nearly useless."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The facts about a rule's tokens; an empty text means unknown.

    Attributes:
        name: as people write it, such as `GitHub`.
        noun: what its values are called, such as `token`; empty if the name includes it.
        variable: the environment variable that its tools read, or one derived from the name.
        prefixes: public prefixes of its tokens, which may be shown.
        kind: how long such a token persists.
        lifetime: the same in words, such as `8 hours`.
        scope: the holder's rights.
        elsewhere: whether a copy works outside the workspace; None when unknown.
        ends: a sentence that says how such a token is revoked or ended.
        page: the address of the page for that.
        harmless: it gives no access by itself, such as an id.
        place: `password` or `token` if its rules accept any value at a place; empty if their values have a form.
        aliases: further variables that its tools read.
        form: the pattern of the variable's whole value, where agents' sandboxes may have a placeholder for it.
        hosts: where such a token may go, as token_hosts.py reads it.
        hostless: why it goes to no host that is known, as part of a sentence; empty if it does, or that is unknown.
    """

    name: str
    noun: str
    variable: str
    prefixes: tuple[str, ...] = ()
    kind: Kind = Kind.UNKNOWN
    lifetime: str = ""
    scope: str = ""
    elsewhere: bool | None = None
    ends: str = ""
    page: str = ""
    harmless: bool = False
    place: str = ""
    aliases: tuple[str, ...] = ()
    form: str = ""
    hosts: tuple[str, ...] = ()
    hostless: str = ""

    @property
    def token(self) -> str:
        """Return what people call one of its tokens, such as `GitHub token`."""
        return f"{self.name} {self.noun}".rstrip()

    @property
    def host_names(self) -> tuple[str, ...]:
        """Return the names of its hosts, and of those with a tenant; not of servers of one's own."""
        names = (re.split("[ /]", host, maxsplit=1)[0] for host in self.hosts)
        return tuple(name for name in names if name != "*")

    def prefix(self, value: str) -> str:
        """Return the part of a value that may be shown: its longest public prefix."""
        return max((p for p in self.prefixes if value.startswith(p)), key=len, default="")

    def label(self, value: str) -> str:
        """Return the label to show instead of a value: its public prefix, if any, and its length."""
        prefix = self.prefix(value)
        opening = f"{prefix}…, " if prefix else ""
        return f"{opening}{len(value)} characters"


@cache
def provider_of(rule: str) -> Provider:
    """Return the provider of a rule, from the rows of providers.toml whose keys are prefixes of its id."""
    keys = keys_of(rule)
    row = {field: value for key in keys for field, value in _row(key).items()}
    if not row:
        word = re.split(r"[^A-Za-z0-9]", _without_namespace(rule))[0] or "unknown"
        return Provider(word.capitalize(), "token", _variable(word))
    own, hosts = _row(keys[-1]), row.pop("hosts", ())
    row.pop("host-page", None)
    typed = {
        "kind": Kind(row.get("kind", Kind.UNKNOWN)),
        "prefixes": tuple(row.get("prefixes", ())),
        "aliases": tuple(own.get("aliases", ())),
        "form": own.get("form", ""),
        "hosts": () if isinstance(hosts, str) else tuple(hosts),
        "hostless": hosts if isinstance(hosts, str) else "",
    }
    return Provider(**{"noun": "token", "variable": _variable(row["name"]), **row, **typed})


@cache
def providers() -> tuple[Provider, ...]:
    """Return the provider of each row, which takes as long as to read the whole file."""
    return tuple(map(provider_of, _texts()))


def providers_for(name: str, variable: str) -> Sequence[Provider]:
    """Return the rows of a provider that name a variable, or else all of its; without a name, all with the variable.

    Other rows are not read.
    """
    rows = _rows_with(f'name = "{name}"\n' if name else f'"{variable}"')
    fitting = [row for row in rows if variable in (row.variable, *row.aliases)]
    return fitting or (rows if name else ())


@cache
def _rows_with(text: str) -> Sequence[Provider]:
    """Return the providers of the rows that have a text, and of those that take it from one of these."""
    named = [key for key, row in _texts().items() if text in row]
    return [provider_of(key) for key in _texts() if any(f"{key}-".startswith(f"{one}-") for one in named)]


def _variable(name: str) -> str:
    return re.sub(r"^(?=\d)", "_", re.sub(r"\W+", "_", name, flags=re.ASCII).upper()) + "_TOKEN"


def public_prefixes() -> frozenset[str]:
    """Return the public prefixes of all providers' tokens."""
    return frozenset(prefix for key in _texts() for prefix in _row(key).get("prefixes", ()))


def keys_of(rule: str) -> list[str]:
    """Return the rows for a rule's full id, from the most general to the one that takes precedence."""
    rule_name = _without_namespace(rule)
    whole_words = [key for key in _texts() if f"{rule_name}-".startswith(f"{key}-")]
    if whole_words:
        return sorted(whole_words, key=len)
    # Some rule ids are one word, such as `digitaloceanapikey`.
    openings = [key for key in _texts() if len(key) > _SHORTEST_OPENING and rule_name.startswith(key)]
    return sorted(openings, key=len)[-1:]


def _without_namespace(rule: str) -> str:
    return re.sub(r"^(?:betterleaks\.|kingfisher\.|tokenward\.|custom\.|veles\.secrets/)|\.\d+$", "", rule)


@cache
def _row(key: str) -> dict[str, Any]:
    return tomllib.loads(_texts()[key])


@cache
def _texts() -> dict[str, str]:
    """Return the text of each table by its key, because reading all of them takes 20 ms and most uses need a few."""
    text = Path(__file__).with_name("providers.toml").read_text("utf-8")
    _, *parts = re.split(r"^\[([^\]\n]+)\]$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def profile_of(rule: str, claims: Claims = NO_CLAIMS) -> Profile:
    """Return what is known about a token, from its provider's facts and its own claims."""
    provider = provider_of(rule)
    is_expiring = claims.expires is not None or _TEMPORARY in claims.facts
    return Profile(
        provider=provider.name,
        kind=Kind.EXPIRING if is_expiring and provider.kind is not Kind.SESSION else provider.kind,
        lifetime=provider.lifetime,
        scope=provider.scope,
        works_elsewhere=provider.elsewhere,
        ends=provider.ends,
        page=provider.page,
        claims=claims,
        harmless=provider.harmless or any(facts.issubset(claims.facts) for facts in _HARMLESS),
        hosts=provider.host_names,
    )


def severity_of(profile: Profile, now: float) -> Severity:
    """Return `error` for a token that lasts and works anywhere, `information` for one that hardly gives access.

    `now` is in seconds since 1970, UTC.
    """
    claims = profile.claims
    has_expired = claims.expires is not None and claims.expires <= now
    if profile.harmless or has_expired or claims.checksum is False or EASY_TO_GUESS in claims.facts:
        return Severity.INFORMATION
    is_lasting = claims.expires > now + _YEAR if claims.expires is not None else profile.kind in _LASTING
    return Severity.ERROR if is_lasting and profile.works_elsewhere else Severity.WARNING


def finding_severity(
    rule: str, claims: Claims, now: float, generic: Severity = Severity.INFORMATION
) -> Severity:
    """Return the severity of a finding, capped at `generic` for one that only its name identifies."""
    severity = severity_of(profile_of(rule, claims), now)
    return generic if rule == GENERIC and severity is not Severity.INFORMATION else severity
