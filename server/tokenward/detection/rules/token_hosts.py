"""The hosts to which a token may go, and how requests carry it there, from the rows of providers.toml."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from tokenward.detection.rules.providers import Provider, providers, providers_for
from tokenward.fast_dataclasses import dataclass

ANY = "*"
"""The name of a host that only a person can name, because it is a server of their own."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.){{1,10}}{_LABEL}(?::[1-9][0-9]{{0,4}})?")
_NO_HEADER = re.compile(r"basic|body|path|cookie|\?.+")


@dataclass(frozen=True, slots=True)
class TokenHost:
    """A host, or a form of hosts of which somebody names one.

    Attributes:
        name: in lower case, with its port unless that is 443; `*`, or with `*.` in front, for a form.
        path: how the paths begin to which the token may go; empty for all.
        ways: how requests carry it, as in providers.toml.
    """

    name: str
    path: str
    ways: tuple[str, ...]

    @property
    def is_form(self) -> bool:
        """Return whether somebody has to name the host."""
        return self.name.startswith(ANY)

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers that may carry the token as it is, each with what precedes the token in it."""
        plain = [
            way.replace("bearer", "authorization=Bearer")
            for way in self.ways
            if not _NO_HEADER.fullmatch(way)
        ]
        named = (way.partition("=") for way in plain)
        return {name: before + " " * (before[-1:] not in {"", "=", ":"}) for name, _, before in named}

    def named(self, host: str) -> TokenHost | None:
        """Return the host that a person names, if it has this form."""
        is_fitting = self.name in (ANY, host) or (self.is_form and host.endswith(self.name[1:]))
        return TokenHost(host, self.path, self.ways) if is_fitting else None


def is_host(name: str) -> bool:
    """Return whether a text is the name of a host in lower case, with or without a port; an address is none."""
    return bool(_NAME.fullmatch(name)) and not name.rpartition(".")[2].partition(":")[0].isdecimal()


def hosts_in(provider: Provider) -> tuple[TokenHost, ...]:
    """Return the hosts of a provider's row."""
    return tuple(map(_parsed, provider.hosts))


def hosts_of(provider: str, variable: str, named: Collection[str] = ()) -> tuple[TokenHost, ...]:
    """Return the hosts of a stored token, by its provider's name and its own, or its own alone.

    Those that a person named are all: a token of a server of one's own is none of the provider's.
    """
    known = _joined(host for row in providers_for(provider, variable) for host in hosts_in(row))
    if not named:
        return tuple(host for host in known if not host.is_form)
    ways = tuple(dict.fromkeys(way for host in known for way in host.ways))
    return tuple(
        next(filter(None, (one.named(host) for one in known)), TokenHost(host, "", ways)) for host in named
    )


def _joined(hosts: Iterable[TokenHost]) -> list[TokenHost]:
    """Return each host once, with the ways of all rows."""
    ways: dict[tuple[str, str], dict[str, None]] = {}
    for one in hosts:
        ways.setdefault((one.name, one.path), {}).update(dict.fromkeys(one.ways))
    return [TokenHost(name, path, tuple(found)) for (name, path), found in ways.items()]


def masked_variables() -> Iterator[tuple[str, Provider]]:
    """Yield the variables for which agents' sandboxes may have a placeholder, each with its row."""
    for row in providers():
        if row.form:
            yield from ((name, row) for name in (row.variable, *row.aliases))


def _parsed(text: str) -> TokenHost:
    place, _, ways = text.partition(" ")
    name, slash, path = place.partition("/")
    return TokenHost(name, slash + path, tuple(ways.split(", ")))
