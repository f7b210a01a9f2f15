"""The token that a question is about, and how to ask its provider; sends nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenward.detection.custom.catalog import CustomRules, compile_rules
from tokenward.detection.detection import Detection
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import profile_of
from tokenward.detection.validation.hosts import Host
from tokenward.detection.validation.methods import MethodFinder, ProviderMethod
from tokenward.errors import TokenGone, TokenwardError
from tokenward.findings.scan import DOCUMENT_DEADLINE
from tokenward.model import Fingerprint, Point, Profile, Reference, Secret
from tokenward.operations.context import Context
from tokenward.operations.scan.workspace_rules import read_rule_files
from tokenward.places import Places, shown
from tokenward.text import LineTable

_AWS_SWITCHES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
_AWS_WORDS = ("endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint")


@dataclass(frozen=True, slots=True)
class ProviderQuestion:
    """A question about a token; contains its value, so it lives only until the answer.

    Attributes:
        token: its name in sentences, such as `GitHub token (ghp_…, 40 characters)`.
        origin: the ledger's name of its text.
        reference: the reference of the stored token, if the user named one.
        way: how its provider can be asked; None if it cannot.
    """

    token: str
    rule: str
    fingerprint: Fingerprint
    origin: str
    profile: Profile
    reference: Reference | None = None
    way: ProviderMethod | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SearchedText:
    """A text to search for a token.

    Attributes:
        name: relative to the workspace, with `/`.
        origin: its name in the ledger.
    """

    text: str = field(repr=False)
    name: str
    origin: str


def asker_of(context: Context, places: Places) -> MethodFinder:
    """Return the MethodFinder for a workspace's tokens, whose rules the context has; reads the user's rule files."""
    own_rules = CustomRules()
    if context.settings.rule_files:
        texts = read_rule_files(context.settings.rule_files).texts
        # gitleaks' format does not say how to ask a provider.
        texts = {path: text for path, text in texts.items() if not path.endswith(".toml")}
        own_rules = compile_rules(texts, places.rules_cache)[0]
    return MethodFinder(context.scanner.detector, context.scanner.local, own_rules)


def question_at(
    context: Context,
    asker: MethodFinder,
    where: SearchedText,
    *,
    line: int | None = None,
    column: int | None = None,
) -> ProviderQuestion:
    """Return the question about the token at a place, whether or not it is ignored there.

    The context and the MethodFinder have the rules of the text's workspace. Lines and columns, in code points, count
    from 0; without them, the text or the line has just one token.

    Raises:
        TokenGone: there is no token.
        TokenwardError: there are several, or the text takes too long to search.
    """
    table, found = LineTable(where.text), [*_detections(context, where)]
    if line is None and not found:
        raise TokenGone(f"No token was found in {where.name}; name a file that contains one.")
    if line is not None:
        found = [d for d in found if table.point(d.span.start).line <= line <= table.point(d.span.end).line]
        if column is not None:
            found = [d for d in found if d.span.start <= table.offset(Point(line, column)) < d.span.end]
    if not found:
        raise TokenGone(f"No token was found there in {where.name}; scan the file again.")
    by_value = {context.scanner.fingerprint(one.secret.reveal()): one for one in found}
    if len(by_value) > 1:
        raise TokenwardError(
            f"There are {len(by_value)} tokens there in {where.name}; name one by FILE:LINE:COLUMN, as "
            "`tokenward scan` prints it."
        )
    return _question(context, asker, where, next(iter(by_value.values())))


def question_of_value(
    context: Context, asker: MethodFinder, secret: Secret, name: str, *, reference: Reference | None = None
) -> ProviderQuestion:
    """Return the question about a value outside any text, recognised as if it were assigned to its name.

    Raises:
        TokenwardError: no rule recognises it.
    """
    value = secret.reveal()
    for text in (value, f'{name} = "{value}"'):
        where = SearchedText(text, name, str(reference or name))
        for detection in _detections(context, where):
            if detection.secret == secret and detection.rule != GENERIC:
                return replace(_question(context, asker, where, detection), reference=reference)
    raise TokenwardError(
        f"No rule recognises what kind of token {name} is, so its provider cannot be asked; revoke it where it was "
        "created."
    )


def _detections(context: Context, where: SearchedText) -> tuple[Detection, ...]:
    local = replace(context.scanner.local, ignore_sources=(), exceptions=(), comments=False)
    detector = context.scanner.detector
    try:
        return detector.detect_all(where.text, where.name, local=local, timeout=DOCUMENT_DEADLINE).found
    except TimeoutError:
        reason = f"{where.name} takes too long to search; pass the value itself with `-`."
    raise TokenwardError(reason)


def _question(
    context: Context, asker: MethodFinder, where: SearchedText, detection: Detection
) -> ProviderQuestion:
    return ProviderQuestion(
        detection.label,
        detection.rule,
        context.scanner.fingerprint(detection.secret.reveal()),
        where.origin,
        profile_of(detection.rule),
        way=asker.method_for(where.text, where.name, detection),
    )


def require_sure(hosts: Iterable[Host], environment: Mapping[str, str] = os.environ) -> None:
    """Raise if a setting on this machine would send a request to a host other than the named one.

    Raises:
        TokenwardError: the settings of AWS tools would.
    """
    if not any(host.name.endswith(".amazonaws.com") for host in hosts):
        return
    switches = (name for name in _AWS_SWITCHES if environment.get(name, "false").strip().lower() != "false")
    endpoints = (name for name in environment if name.startswith("AWS_ENDPOINT_URL"))
    named = sorted((*switches, *endpoints))
    if named:
        raise TokenwardError(
            f"{named[0]} redirects requests for AWS, so it is not certain which host the token would reach; unset it."
        )
    home = environment.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
    variables = (environment.get("AWS_CONFIG_FILE"), environment.get("AWS_SHARED_CREDENTIALS_FILE"))
    for name in (*filter(None, variables), "~/.aws/config", "~/.aws/credentials"):
        file = Path(home, name[2:]) if name.startswith("~/") else Path(name)
        content = b""
        with suppress(OSError):
            content = file.read_bytes().lower()
        word = next((word for word in _AWS_WORDS if word.encode() in content), None)
        if word:
            raise TokenwardError(
                f"{shown(file)} contains `{word}`, so it is not certain which host the token would reach; remove it "
                "for this request."
            )
