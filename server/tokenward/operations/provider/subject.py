"""The one token that somebody asks about, and the way to its provider; nobody is asked here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenward.detection.custom.catalog import CustomRules, compile_rules
from tokenward.detection.detection import Detection
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.profiles import profile_of
from tokenward.detection.validation.hosts import Host
from tokenward.detection.validation.methods import Asker, Way
from tokenward.errors import TokenGone, TokenwardError
from tokenward.findings.scan import DOCUMENT_DEADLINE
from tokenward.model import Fingerprint, Point, Profile, Reference, Secret
from tokenward.operations.context import Context
from tokenward.operations.scan.rule_files import read_rule_files
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.text import LineTable

_AWS_SWITCHES = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
_AWS_WORDS = ("endpoint_url", "use_fips_endpoint", "use_dualstack_endpoint")


@dataclass(frozen=True, slots=True)
class Question:
    """A token that somebody asks about; its way holds the value, so it lives only until the answer is there.

    Attributes:
        token: what it is called in sentences, such as `GitHub token (ghp_…, 40 characters)`.
        rule: the rule that found it.
        origin: what the ledger calls its text.
        reference: under which it is stored, if that is how it was named.
        profile: what is known of such tokens.
        way: how its provider can be asked; None when it cannot.
    """

    token: str
    rule: str
    fingerprint: Fingerprint
    origin: str
    profile: Profile
    reference: Reference | None = None
    way: Way | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Where a token is looked for.

    Attributes:
        name: relative to the workspace, with `/`.
        origin: what the ledger calls it.
    """

    text: str = field(repr=False)
    name: str
    origin: str


def asker_of(context: Context, places: Places) -> Asker:
    """What finds the ways for the tokens of a workspace, whose rules the context has; reads the user's rule files."""
    return Asker(
        context.scanner.detector, context.scanner.local, _own_rules(context.settings, places.rules_cache)
    )


def _own_rules(settings: Settings, rules_cache: Path) -> CustomRules:
    if not settings.rule_files:
        return CustomRules()
    texts = read_rule_files(settings.rule_files).texts
    # What is in gitleaks' format tells of nobody who could be asked.
    return compile_rules({p: text for p, text in texts.items() if not p.endswith(".toml")}, rules_cache)[0]


def question_at(
    context: Context, asker: Asker, where: Text, *, line: int, column: int | None = None
) -> Question:
    """Return the token at a place, whether or not it is ignored there.

    Args:
        context: with the rules of the text's workspace.
        asker: of the same workspace.
        where: the text.
        line: from 0.
        column: from 0, in code points; None when the line has just one token.

    Raises:
        TokenGone: there is none.
        TokenwardError: there are several, or the text takes too long to search.
    """
    table = LineTable(where.text)
    on_line = [d for d in _detections(context, where) if table.point(d.span.start).line <= line]
    found = [d for d in on_line if line <= table.point(d.span.end).line]
    if column is not None:
        found = [d for d in found if d.span.start <= table.offset(Point(line, column)) < d.span.end]
    if not found:
        raise TokenGone(f"No token was found there in {where.name}; look at the file again.")
    return _only(context, asker, where, found)


def only_question(context: Context, asker: Asker, where: Text) -> Question:
    """Return the one token of a text.

    Raises:
        TokenGone: there is none.
        TokenwardError: there are several, or the text takes too long to search.
    """
    found = _detections(context, where)
    if not found:
        raise TokenGone(f"No token was found in {where.name}; name a file that holds one.")
    return _only(context, asker, where, found)


def question_of_value(
    context: Context, asker: Asker, secret: Secret, name: str, *, reference: Reference | None = None
) -> Question:
    """Return a token that stands in no text; it is recognised as if it were assigned to its name.

    Raises:
        TokenwardError: no rule knows it.
    """
    value = secret.reveal()
    for text in (value, f'{name} = "{value}"'):
        where = Text(text, name, str(reference or name))
        for detection in _detections(context, where):
            if detection.secret == secret and detection.rule != GENERIC:
                return replace(_question(context, asker, where, detection), reference=reference)
    raise TokenwardError(
        f"No rule knows what kind of token {name} is, so nobody can be asked; end it where it was made."
    )


def _detections(context: Context, where: Text) -> tuple[Detection, ...]:
    local = replace(context.scanner.local, silencers=(), exceptions=(), comments=False)
    detector = context.scanner.detector
    try:
        return detector.detect_all(where.text, where.name, local=local, timeout=DOCUMENT_DEADLINE).found
    except TimeoutError:
        reason = f"{where.name} takes too long to search; ask about the value itself by `-`."
    raise TokenwardError(reason)


def _only(context: Context, asker: Asker, where: Text, found: Iterable[Detection]) -> Question:
    by_value = {context.scanner.fingerprint(one.secret.reveal()): one for one in found}
    if len(by_value) > 1:
        raise TokenwardError(
            f"{len(by_value)} tokens stand there in {where.name}; name one by FILE:LINE:COLUMN, as `tokenward scan` "
            "prints it."
        )
    return _question(context, asker, where, next(iter(by_value.values())))


def _question(context: Context, asker: Asker, where: Text, detection: Detection) -> Question:
    provider, value = detection.provider, detection.secret.reveal()
    return Question(
        f"{provider.token} ({provider.label(value)})",
        detection.rule,
        context.scanner.fingerprint(value),
        where.origin,
        profile_of(detection.rule),
        way=asker.way(where.text, where.name, detection),
    )


def require_sure(hosts: Iterable[Host], environment: Mapping[str, str] = os.environ) -> None:
    """Return only if nothing on this machine leads a question to another host than the one that is named.

    Raises:
        TokenwardError: the AWS tools' own settings do.
    """
    if not any(host.name.endswith(".amazonaws.com") for host in hosts):
        return
    named = sorted(name for name in environment if _leads_elsewhere(name, environment[name]))
    if named:
        raise TokenwardError(
            f"{named[0]} leads requests for AWS elsewhere, so whom the token would reach is not sure; unset it."
        )
    for file in _aws_files(environment):
        word = _other_endpoint(file)
        if word:
            raise TokenwardError(
                f"{shown(file)} says `{word}`, so whom the token would reach is not sure; ask without it."
            )


def _leads_elsewhere(variable: str, value: str) -> bool:
    is_switched_on = variable in _AWS_SWITCHES and value.strip().lower() != "false"
    return is_switched_on or variable.startswith("AWS_ENDPOINT_URL")


def _aws_files(environment: Mapping[str, str]) -> list[Path]:
    home = environment.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
    named = (environment.get("AWS_CONFIG_FILE"), environment.get("AWS_SHARED_CREDENTIALS_FILE"))
    files = [*filter(None, named), "~/.aws/config", "~/.aws/credentials"]
    return [Path(home, file[2:]) if file.startswith("~/") else Path(file) for file in files]


def _other_endpoint(file: Path) -> str:
    """What of a settings file leads elsewhere; empty when nothing does."""
    try:
        content = file.read_bytes().lower()
    except OSError:
        return ""
    return next((word for word in _AWS_WORDS if word.encode() in content), "")
