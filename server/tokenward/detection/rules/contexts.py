"""What must be near the match of a rule, and values that are: a rule that reached that far would be super-linear."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tokenward.model import Span

REACH = 4_000
"""The most characters before and after a match that are read; a JSON Web Key of RSA has as many."""
_OF_SECRETS = r"\bkind:[ \t]*[\"']?Secret\b"
_SAME_DOCUMENT = r"(?:(?!\n---)[\s\S])*"


def values_near(rule: str, text: str, span: Span) -> list[Span]:
    """Return the values that a match of a rule is about: its own, unless the rule does not apply in its place."""
    members, context = MEMBERS.get(rule), CONTEXTS.get(rule)
    if members is None and context is None:
        return [span]
    before, after = text[max(0, span.start - REACH) : span.start], text[span.end : span.end + REACH]
    if members:
        around, member = members
        block = around.search(f"{before}\0{after}")
        place = span.start - len(before)
        # What represents the match in the text around it has another length than the match.
        spans = (
            member.finditer(text, place + block.start(), place + block.end() + len(span) - 1) if block else ()
        )
        return [Span(*one.span(1)) for one in spans]
    return [span] if context and context.search(f"{before}\0{after}") else []


CONTEXTS: Mapping[str, re.Pattern[str]] = {
    rule: re.compile(context)
    for rule, context in {
        # The kind of a YAML document may follow its data.
        "tokenward.kubernetes-secret-data": rf"{_OF_SECRETS}{_SAME_DOCUMENT}\0|\0{_SAME_DOCUMENT}{_OF_SECRETS}",
        "tokenward.nuget-api-key": r"(?i)<apikeys>(?:(?!</apikeys>)[\s\S])*\0",
        "tokenward.consul-agent-token": r"\btokens[\"']?\s{0,4}[:=]?\s{0,4}\{[^{}]*\0",
        "tokenward.vault-secret-id": r"role_?id[\s\S]{0,300}\0|\0[\s\S]{0,300}role_?id",
    }.items()
}
"""What is around a match of each rule that has a condition; \\0 represents its value."""
MEMBERS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "tokenward.private-key-jwk": (
        re.compile(r"(?<![^{}])[^{}]*\0[^{}]*"),
        re.compile(r"\b(?:[dpqk]|d[pq]|qi|priv)\\?[\"']?\s{0,4}:\s{0,4}\\?[\"']([\w-]{20,})\\?[\"']"),
    ),
    "tokenward.password-jaas": (
        re.compile(r"\0[^;]*"),
        re.compile(
            r"\b(?:password|keyTabPassword|user_\w+)\s?=\s?\\{0,3}[\"']([^\"'\\\s<>{}$%*][^\"'\\\s<>{}]{4,127})"
        ),
    ),
    "tokenward.password-cloud-init": (
        re.compile(r"\0(?:(?!\n\S)[\s\S])*"),
        re.compile(r"(?m)^[ \t]+(?:- )?[\"']?[a-z_][\w-]{0,31}:([^\s\"'<>{}$%*:/][^\s\"'<>{}]{4,127})"),
    ),
}
"""For each rule that is about values elsewhere, the text around its match, which \\0 represents, and these values."""
