"""The hosts that a rule sends requests to, from its definition alone; none if they cannot be known.

A rule may come from a stranger, so only certainty counts: the host must be spelled out in the rule itself, before
anything that a match, a variable or an answer could supply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

Definition: TypeAlias = Mapping[str, Any]
"""A rule as the engine describes it."""


@dataclass(frozen=True, slots=True, order=True)
class Host:
    """A host that a token would be sent to.

    Attributes:
        name: the host, with its port if one is named.
        is_encrypted: the connection uses TLS with a verified certificate.
    """

    name: str
    is_encrypted: bool = True

    def __str__(self) -> str:
        return self.name if self.is_encrypted else f"{self.name} (without encryption)"


PINNED = {
    "GITHUB_BASE_URL": "https://api.github.com",
    "GITHUB_API_BASE_URL": "https://api.github.com",
    "GITLAB_BASE_URL": "https://gitlab.com",
    "GITLAB_API_BASE_URL": "https://gitlab.com/api/v4",
}
"""The values of the variables from which rules may take their host; nothing else sets them."""

_STS, _IAM = Host("sts.us-east-1.amazonaws.com"), Host("iam.amazonaws.com")
TYPED_CHECKS: Mapping[str, tuple[Host, ...]] = {
    "AWS": (_STS,),
    "Assumed": (),  # contacts nobody
    "CredentialUri": (),  # the text names the host
    "Ethereum": (),  # contacts nobody
    "JWT": (),  # the token names the host
}
"""The hosts of the engine's own checks; none if they cannot be known, or the check is inconclusive."""
TYPED_REVOCATIONS: Mapping[str, tuple[Host, ...]] = {
    "AWS": (_STS, _IAM),
    "GCP": (),  # it mistakes a network failure for a refusal
}
CALLS: Mapping[str, tuple[Host, ...]] = {
    "aws.validate": (_STS,),
    "azure.validateAppConfig": (),  # the text names the host, as for the next two
    "azure.validateServiceBusSAS": (),
    "azure.validateStorage": (),
    "azure.validateServicePrincipal": (),
    "gcp.validate": (),  # it mistakes a network failure for an answer
}
"""The same for the functions that a rule's expression may call."""
_REQUESTS = ("http.get", "http.post", "http.put", "http.patch", "http.delete", "http.head")
_HARMLESS_SPACES = ("base64.", "crypto.", "env.", "hex.", "strings.", "time.", "validate.")
_HARMLESS_CALLS = (
    *("bytes", "int", "float", "string", "type", "len", "toJSON", "fromJSON", "matchesAny", "containsAny"),
    *("trim", "split", "join", "lower", "upper"),
)
_URL = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?([/?]|\Z)")
_VARIABLE = re.compile(r"\{\{\s*([A-Z_]+)\s*\}\}")
_Opening: TypeAlias = "tuple[str, bool]"
_UNKNOWN: list[_Opening] = [("", False)]
_MOST_OPENINGS = 16
_DEEPEST = 100
_LONGEST = 2_000


def check_hosts(rule: Definition, *, is_vetted: bool = True) -> tuple[Host, ...]:
    """Return every host that a rule's check may contact; empty if it has no check, or the hosts cannot be known.

    Unless the rule is vetted, as the engine's and ours are, hosts from variables or expressions, which could also
    read this machine's environment, do not count.
    """
    validation = rule["validation"] or {}
    kind, content = validation.get("type"), validation.get("content") or {}
    if kind == "Http":
        return _all_or_none(rule, [_template_url(content["request"]["url"], rule, is_vetted=is_vetted)])
    if kind == "Betterleaks" and is_vetted:
        return _all_or_none(rule, list(islice(_requested_hosts(content["expression"], rule), 1000)))
    return TYPED_CHECKS.get(str(kind), ())


def revocation_hosts(rule: Definition, *, is_vetted: bool = True) -> tuple[Host, ...]:
    """Return every host that a revocation may contact, except those of the check before it."""
    revocation = rule["revocation"] or {}
    kind, content = revocation.get("type"), revocation.get("content") or {}
    if kind in {"Http", "HttpMultiStep"}:
        steps = content["steps"] if kind == "HttpMultiStep" else [content]
        return _all_or_none(
            rule, [_template_url(step["request"]["url"], rule, is_vetted=is_vetted) for step in steps]
        )
    return TYPED_REVOCATIONS.get(str(kind), ())


def _all_or_none(rule: Definition, found: Sequence[Host | None]) -> tuple[Host, ...]:
    """Return all the hosts, or none if one of them is unknown."""
    hosts = {host for host in found if host is not None}
    if None in found:
        return ()
    is_checked = str(rule.get("tls_mode") or "strict").lower() == "strict"
    return tuple(sorted(Host(host.name, host.is_encrypted and is_checked) for host in hosts))


def _host(url: str, *, is_whole: bool = True) -> Host | None:
    """Return the host of a URL; if only its opening is known, the rest must not be able to change the host."""
    found = _URL.match(url)
    if found is None or not (found[4] or is_whole):
        return None
    scheme, name, port = found[1], found[2].lower(), found[3] or ""
    return Host(f"{name}{port}", scheme == "https")


def _template_url(url: str, rule: Definition, *, is_vetted: bool) -> Host | None:
    variable = _VARIABLE.match(url)
    if variable is None:
        return _host(url)
    base = _pinned(variable[1], rule) if is_vetted else None
    return None if base is None else _host(base + url[variable.end() :])


def _pinned(name: str, rule: Definition) -> str | None:
    """Return the value of a variable, unless something in the rule overrides it."""
    groups = re.findall(r"\(\?P?<([^>=!]+)>", f"{rule['pattern']}{rule['detection_regex']}")
    parts = (part["variable"] for part in rule["depends_on_rule"] if part is not None)
    supplied = {str(one).upper() for one in (*groups, *parts)}
    return None if name in supplied else PINNED.get(name)


def _requested_hosts(expression: Any, rule: Definition) -> Iterator[Host | None]:
    """Yield the host of each request that an expression may make; None for an unknown call."""
    values: dict[str, list[Any]] = {}
    for node in _nodes(expression):
        if node.get("kind") == "variable_declarator":
            values.setdefault(node["name"], []).append(node["value"])
    openings = _Openings(values, rule)
    for node in _nodes(expression):
        if node.get("kind") != "call":
            continue
        name = _callee(node["callee"])
        if name in _REQUESTS:
            found = openings.of(node["arguments"][0]) if node["arguments"] else [("", False)]
            yield from (_host(text, is_whole=is_whole) for text, is_whole in found)
        elif name in CALLS:
            yield from CALLS[name] or (None,)
        elif name not in _HARMLESS_CALLS and not name.startswith(_HARMLESS_SPACES):
            yield None


def _callee(node: Mapping[str, Any]) -> str:
    """Return `name` or `space.name`; for anything else, a name that is in no table."""
    if node.get("kind") == "identifier":
        return str(node["value"])
    inner, part = node.get("node", {}), node.get("property", {})
    if node.get("kind") == "member" and inner.get("kind") == "identifier" and part.get("kind") == "string":
        return f"{inner['value']}.{part['value']}"
    return "?"


def _nodes(tree: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


class _Openings:
    """The possible beginnings of an expression's value."""

    def __init__(self, values: Mapping[str, list[Any]], rule: Definition) -> None:
        self._values = values
        self._rule = rule
        self._known: dict[str, list[_Opening]] = {}

    def of(self, node: Mapping[str, Any], depth: int = 0) -> list[_Opening]:
        """Return each opening and whether it is the whole text; an unknown opening is empty and not whole."""
        kind = node.get("kind")
        found: list[_Opening] = []
        if depth > _DEEPEST:
            pass
        elif kind == "string":
            found = [(str(node["value"]), True)]
        elif kind == "binary" and node["operator"] == "+":
            found = self._joined(node, depth)
        elif kind == "conditional":
            found = [*self.of(node["exp1"], depth + 1), *self.of(node["exp2"], depth + 1)]
        elif kind == "identifier":
            found = self._named(str(node["value"]), depth)
        elif kind == "call" and _callee(node["callee"]) == "env.getOrDefault":
            arguments = node["arguments"]
            name = arguments[0] if arguments else {}
            base = _pinned(str(name.get("value")), self._rule) if name.get("kind") == "string" else None
            found = [] if base is None else [(base, True)]
        return [_limited(one) for one in found] if 0 < len(found) <= _MOST_OPENINGS else _UNKNOWN

    def _joined(self, node: Mapping[str, Any], depth: int) -> list[_Opening]:
        left, right = self.of(node["left"], depth + 1), self.of(node["right"], depth + 1)
        cut = [one for one in left if not one[1]]
        return cut + [(a + b, whole) for a, is_whole in left if is_whole for b, whole in right]

    def _named(self, name: str, depth: int) -> list[_Opening]:
        """Return the openings of all the values that a name may have; each name is resolved once."""
        if name not in self._known:
            self._known[name] = _UNKNOWN
            values = self._values.get(name, [])
            self._known[name] = [one for value in values for one in self.of(value, depth + 1)]
        return self._known[name]


def _limited(opening: _Opening) -> _Opening:
    """Cut an opening to the length that a host may need, because a rule could double it repeatedly."""
    text, is_whole = opening
    return (text, is_whole) if len(text) <= _LONGEST else (text[:_LONGEST], False)
