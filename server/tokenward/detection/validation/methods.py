"""Chooses the rule that defines how to check or revoke a token; sends nothing.

The engine is imported when it is first needed, as in engine.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokenward.detection.catalog_quirks import catalog_path
from tokenward.detection.custom.catalog import CustomRules
from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.engine import Detector
from tokenward.detection.rules.engine_scan import Limits, TextScanner, source_of, to_utf8
from tokenward.detection.rules.own_rules import BY_NAME, catalog_rule
from tokenward.detection.rules.providers import provider_of
from tokenward.detection.validation.hosts import Host, check_hosts, revocation_hosts

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

SEARCH_SECONDS = 20.0
MISLEADING_CHECKS = frozenset(
    {
        "betterleaks.github-app-token",
        "betterleaks.github-refresh-token",
        "betterleaks.gitlab-cicd-job-token",
        "betterleaks.gitlab-deploy-token",
        "betterleaks.gitlab-ptt",
        "betterleaks.gitlab-runner-authentication-token",
        "betterleaks.gitlab-runner-authentication-token-routable",
    }
)
"""Rules of the catalog whose check needs rights that such tokens never have, so that none seems to work."""


@dataclass(frozen=True, slots=True)
class Support:
    """Whether a rule's tokens may be checked or revoked; a token's context may still lack something needed."""

    check: bool
    revoke: bool


@dataclass(frozen=True, slots=True)
class ProviderMethod:
    """How to check or revoke a token; contains its value, and lives until the provider answers.

    Attributes:
        is_own: the rule is from a file that the user named, and may use addresses in the user's own network.
        is_from_workspace: it may be a rule of the trusted workspace.
        check: every host that a check contacts; empty if there is no check.
        revoke: every host that a revocation contacts, including its check; empty if there is no revocation.
    """

    rule: str
    is_own: bool
    is_from_workspace: bool
    check: tuple[Host, ...]
    revoke: tuple[Host, ...]
    scanner: TextScanner = field(repr=False)
    matches: tuple[Match, ...] = field(repr=False)
    index: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class MethodFinder:
    """Finds the methods to check and revoke tokens.

    Attributes:
        local: the rules of the workspace, including its own only if it is trusted.
        own: only the rules in files that the user named.
    """

    detector: Detector
    local: LocalRules
    own: CustomRules

    def support(self, rule: str) -> Support:
        """Return what a rule's definition allows, without a token."""
        for source in self._sources(""):
            for name in dict.fromkeys((rule, catalog_rule(rule))):
                if name in source.rules:
                    check, revoke = _hosts(source, name)
                    return Support(bool(check), bool(revoke))
        return Support(check=False, revoke=False)

    def method_for(self, text: str, path: str, detection: Detection) -> ProviderMethod | None:
        """Return the method for a token in a text; None if no rule defines one.

        Raises:
            TimeoutError: the text takes too long to search.
        """
        token = _Token.of(text, detection)
        wanted = (detection.rule, catalog_rule(detection.rule))
        ways: list[ProviderMethod] = []
        is_known = False
        for source in self._sources(path):
            if source.is_from_workspace and is_known:
                break
            seen = token.alone() if source.is_from_workspace else token
            matches = Limits(SEARCH_SECONDS).scan(source.scanner, source_of(seen.data, source.path))
            is_known = is_known or (source.is_built_in and any(map(token.is_touched_by, matches)))
            ways += [
                _method(source, matches, index)
                for index, match in enumerate(matches)
                if seen.is_whole(match) and _may_ask(source, match.rule_id, wanted)
            ]
        usable = [way for way in ways if way.check or way.revoke]
        return min(usable, key=lambda way: way.rule not in wanted, default=None)

    def _sources(self, path: str) -> Iterator[_Source]:
        """Yield scanners by precedence: those of the user's own rules, of the common rules, and of the workspace's."""
        scanners = self.detector.load()
        plain = to_utf8(path).decode() or "text"
        if self.own.scanner is not None:
            yield _Source(self.own.scanner, plain, _ids(self.own.scanner), is_own=True)
        yield _Source(scanners.catalog.scanner, catalog_path(path), _ids(scanners.catalog.scanner))
        for scanner in scanners.pack.scanners_for(path):
            yield _Source(scanner, plain, _ids(scanner))
        if self.local.custom.scanner is not None:
            rules = _ids(self.local.custom.scanner).difference(*map(_ids, scanners.all))
            yield _Source(self.local.custom.scanner, plain, rules, is_from_workspace=True)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token's place in a scanned text; `start` is in bytes.

    A workspace's rule sees only the token, so that it cannot send the text around it, and sees no token that one of
    our rules matches, because that belongs to another provider.
    """

    data: bytes = field(repr=False)
    start: int
    value: str = field(repr=False)

    @classmethod
    def of(cls, text: str, detection: Detection) -> _Token:
        start = len(to_utf8(text[: detection.span.start]))
        return cls(to_utf8(text), start, detection.secret.reveal())

    def alone(self) -> _Token:
        return _Token(to_utf8(self.value), 0, self.value)

    def is_whole(self, match: Match) -> bool:
        """Return whether a match is exactly the token, as it must be to be sent."""
        return match.location["start_offset"] == self.start and match.secret == self.value

    def is_touched_by(self, match: Match) -> bool:
        """Return whether a match overlaps the token by more than the name that it is assigned to."""
        place, end = match.location, self.start + len(to_utf8(self.value))
        is_apart = place["end_offset"] <= self.start or place["start_offset"] >= end
        return match.rule_id not in BY_NAME and not is_apart


@dataclass(frozen=True, slots=True)
class _Source:
    """A scanner, and the permitted uses of its rules.

    Attributes:
        rules: the ids of the usable rules; a workspace cannot use one of ours.
        is_own: they are from the user's own files.
        is_from_workspace: they may be from a trusted workspace.
    """

    scanner: TextScanner
    path: str
    rules: frozenset[str]
    is_own: bool = False
    is_from_workspace: bool = False

    @property
    def is_built_in(self) -> bool:
        """Return whether the rules are the engine's or ours."""
        return not self.is_own and not self.is_from_workspace


def _ids(scanner: TextScanner) -> frozenset[str]:
    return frozenset(str(rule["id"]) for rule in scanner.rules.metadata())


def _may_ask(source: _Source, rule: str, wanted: tuple[str, ...]) -> bool:
    """Return whether a rule may be used; a token is sent only to the provider that it was attributed to."""
    if rule in wanted:
        return rule in source.rules
    return source.is_built_in and provider_of(rule).name == provider_of(wanted[0]).name


def _hosts(source: _Source, rule: str) -> tuple[tuple[Host, ...], tuple[Host, ...]]:
    """Return the hosts of a check and of a revocation by a rule."""
    definition = source.scanner.rules.detail(rule)
    check = () if rule in MISLEADING_CHECKS else check_hosts(definition, is_vetted=source.is_built_in)
    revoke = revocation_hosts(definition, is_vetted=source.is_built_in)
    if not source.is_own:
        check, revoke = _encrypted(check), _encrypted(revoke)
    # The engine sends a revocation to any address, so a workspace's rule may not name one.
    is_complete = bool(check) or not definition["depends_on_rule"]
    if source.is_from_workspace or not is_complete:
        revoke = ()
    return check, tuple(sorted({*revoke, *check})) if revoke else ()


def _encrypted(hosts: tuple[Host, ...]) -> tuple[Host, ...]:
    return hosts if all(host.is_encrypted for host in hosts) else ()


def _method(source: _Source, matches: Sequence[Match], index: int) -> ProviderMethod:
    """Return a method with only the matches that its rule needs."""
    rule = matches[index].rule_id
    needed, waiting = {rule}, [rule]
    while waiting:
        parts = source.scanner.rules.detail(waiting.pop())["depends_on_rule"]
        new = {str(part["rule_id"]) for part in parts if part is not None} & source.rules - needed
        needed |= new
        waiting += new
    needed_matches = [(number, match) for number, match in enumerate(matches) if match.rule_id in needed]
    place = [number for number, _ in needed_matches].index(index)
    check, revoke = _hosts(source, rule)
    values = tuple(match for _, match in needed_matches)
    return ProviderMethod(
        rule, source.is_own, source.is_from_workspace, check, revoke, source.scanner, values, place
    )
