"""Attribution of the uses in an access log, case by case, with its certainty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import pytest

import access_logs
import tokens
from desk import Desk
from reviewing import (
    BARE,
    ELSEWHERE,
    HOME,
    REFERENCE,
    TOKEN,
    VALUE,
    at,
    compared,
    fingerprint,
    github_log,
    traces,
    used,
)
from tokenward.custody.ledger.histories import TokenHistory, histories
from tokenward.errors import TokenwardError
from tokenward.operations.review.model import ReviewedToken, ReviewVerdict, Whose
from tokenward.operations.review.review import ReviewRequest, review_logs
from tokenward.operations.review.verdicts import MOST_GROUPS
from tokenward.sources.logs.access_logs import LogMapping, read_mapping


@dataclass(frozen=True)
class Case:
    """A token with a history, uses in a log, and the expected attribution."""

    token: TokenHistory
    log: Sequence[tuple[float, str]]
    verdict: ReviewVerdict
    whose: Sequence[Whose] = ()
    ours: Sequence[str] = field(default=())


RUN = replace(TOKEN, uses=(used(0),))
REVOKED = replace(RUN, revoked=at(30), ended=at(30))
OURS, M, U, X = Whose.OURS, Whose.MAYBE, Whose.UNRECORDED, Whose.OTHERS
CASES = {
    "no use at all": Case(TOKEN, [], ReviewVerdict.NOT_COVERED),
    "at the time of a run": Case(RUN, [(1, HOME)], ReviewVerdict.OURS, [OURS]),
    "just before a run, by another clock": Case(RUN, [(-1.5, HOME)], ReviewVerdict.OURS, [OURS]),
    "long after a run, from where it came then": Case(
        RUN, [(1, HOME), (200, HOME)], ReviewVerdict.OURS, [M, OURS]
    ),
    "the later use is first in the log": Case(RUN, [(200, HOME), (1, HOME)], ReviewVerdict.OURS, [M, OURS]),
    "long after a run, from elsewhere": Case(
        RUN, [(1, HOME), (200, ELSEWHERE)], ReviewVerdict.OTHERS, [X, OURS]
    ),
    "long after a run, nothing then": Case(RUN, [(200, HOME)], ReviewVerdict.OTHERS, [X]),
    "stored and never given out": Case(TOKEN, [(5, ELSEWHERE)], ReviewVerdict.OTHERS, [X]),
    "before it was stored": Case(TOKEN, [(-70, HOME)], ReviewVerdict.UNRECORDED, [U]),
    "before it was stored, from home": Case(RUN, [(-70, HOME), (1, HOME)], ReviewVerdict.OURS, [M, OURS]),
    "never stored": Case(BARE, [(5, ELSEWHERE)], ReviewVerdict.UNRECORDED, [U]),
    "never stored, checked": Case(
        replace(BARE, checked=(at(5), "live")), [(5, HOME)], ReviewVerdict.OURS, [OURS]
    ),
    "from an address of ours": Case(TOKEN, [(5, HOME)], ReviewVerdict.OURS, [OURS], [HOME]),
    "from a network of ours": Case(
        TOKEN, [(5, HOME)], ReviewVerdict.OURS, [OURS], ["10.0.0.0/8", "198.51.100.0/24"]
    ),
    "from none of ours": Case(BARE, [(5, ELSEWHERE)], ReviewVerdict.OTHERS, [X], [HOME]),
    "at the time of a run, from none of ours": Case(RUN, [(1, ELSEWHERE)], ReviewVerdict.OTHERS, [X], [HOME]),
    "no address, at the time of a run": Case(RUN, [(1, "")], ReviewVerdict.OURS, [OURS]),
    "no address, later": Case(RUN, [(1, ""), (200, "")], ReviewVerdict.OTHERS, [X, OURS]),
    "no address, ours are known": Case(RUN, [(1, "")], ReviewVerdict.OTHERS, [X], [HOME]),
    "by a service of the provider": Case(TOKEN, [(5, "ec2.amazonaws.com")], ReviewVerdict.OURS, [M]),
    "after it was revoked": Case(REVOKED, [(1, HOME), (60, ELSEWHERE)], ReviewVerdict.AFTER_END, [X, OURS]),
    "after it was revoked, from home": Case(
        REVOKED, [(1, HOME), (60, HOME)], ReviewVerdict.AFTER_END, [X, OURS]
    ),
    "while it was being revoked": Case(REVOKED, [(1, HOME), (31, HOME)], ReviewVerdict.OURS, [M, OURS]),
    "after its expiry": Case(
        replace(RUN, expires=at(30)), [(60, HOME)], ReviewVerdict.AFTER_END, [X], [ELSEWHERE]
    ),
    "after it was removed": Case(replace(RUN, ended=at(30)), [(60, ELSEWHERE)], ReviewVerdict.OTHERS, [X]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_whose_uses_are(tmp_path: Path, case: Case) -> None:
    found = compared(case.token, github_log(tmp_path, case.log), ours=case.ours)
    (token,) = found.tokens
    assert [one.whose for one in token.uses] == list(case.whose)
    assert token.verdict is case.verdict
    assert found.is_strange is (case.verdict in (ReviewVerdict.OTHERS, ReviewVerdict.AFTER_END))
    assert token.sentence.endswith(".")


SENTENCES = {
    "from none of ours": "Used 1 time from 203.0.113.7, on 2026-11-26 at 12:05 UTC, which is not one of your "
    "addresses: treat it as stolen and revoke it.",
    "stored and never given out": "Used 1 time from 203.0.113.7, on 2026-11-26 at 12:05 UTC, when nothing here had "
    "requested it: unless that was you (name your addresses with `--ours`), treat it as stolen and revoke it.",
    "after it was revoked": "Used 1 time from 203.0.113.7, on 2026-11-26 at 13:00 UTC, after it was revoked: it still "
    "works, so treat it as stolen and revoke it at GitHub.",
    "at the time of a run": "Used 1 time from 198.51.100.7, on 2026-11-26 at 12:01 UTC, as from here.",
    "no use at all": "None of these logs is one of GitHub.",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_verdict_says_what_to_do(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    (token,) = compared(case.token, github_log(tmp_path, case.log), ours=case.ours).tokens
    assert token.sentence.startswith(SENTENCES[name])


def test_a_token_that_nobody_used_is_told_with_what_the_logs_cover(tmp_path: Path) -> None:
    log = github_log(tmp_path, [(1, HOME), (200, HOME)], tokens.github("another"))
    (token,) = compared(TOKEN, log).tokens
    assert token.verdict is ReviewVerdict.UNUSED
    assert token.sentence == (
        "No use in these logs, which run from 2026-11-26 at 12:01 UTC to 2026-11-26 at 15:20 UTC."
    )


def test_a_token_of_which_the_ledger_has_no_traces_is_said_to_be_so(tmp_path: Path) -> None:
    log = github_log(tmp_path, [(1, HOME)])
    assert compared(replace(TOKEN, traces=frozenset()), log).tokens[0].verdict is ReviewVerdict.UNNAMED


def aws(value: str, more: frozenset[str] = frozenset()) -> TokenHistory:
    rule = "betterleaks.aws-secret-access-key"
    return replace(
        TOKEN,
        stored=at(-180),
        fingerprint=fingerprint(value),
        provider="AWS",
        rule=rule,
        traces=traces(value) | more,
    )


def test_a_secret_key_of_aws_is_found_by_the_id_beside_it(tmp_path: Path) -> None:
    key_id, secret = tokens.aws(1)
    log = access_logs.make(tmp_path, "cloudtrail.json", key_id)
    known = compared(aws(secret, frozenset({fingerprint(key_id)})), log).tokens[0]
    assert [(one.address, one.count, one.failed, one.actions) for one in known.uses] == [
        (ELSEWHERE, 2, 1, ("s3:GetObject", "sts:GetCallerIdentity")),
        ("cloudformation.amazonaws.com", 1, 0, ("kms:Decrypt",)),
    ]
    assert compared(aws(secret), log).tokens[0].verdict is ReviewVerdict.UNNAMED


def test_attempts_that_were_refused_after_a_revocation_are_no_proof_that_it_lives(tmp_path: Path) -> None:
    key_id, secret = tokens.aws(1)
    token = replace(aws(secret, frozenset({fingerprint(key_id)})), revoked=at(-90), ended=at(-90))
    log = access_logs.make(tmp_path, "cloudtrail.json", key_id)
    (found,) = compared(token, log, since=at(-61), until=at(-59.95)).tokens
    assert found.verdict is ReviewVerdict.AFTER_END
    assert "and refused" in found.sentence
    (own,) = compared(token, log, since=at(-61), until=at(-59.95), ours=[ELSEWHERE]).tokens
    assert own.verdict is ReviewVerdict.OURS


GITLAB = replace(
    TOKEN,
    provider="GitLab",
    rule="betterleaks.gitlab-pat",
    traces=frozenset({fingerprint("gitlab-user:71"), "h"}),
)


@pytest.mark.parametrize(
    ("ours", "verdict", "words"),
    [
        ([], ReviewVerdict.ACCOUNT, "the log does not say with which token"),
        ([HOME], ReviewVerdict.OTHERS, "the log does not say with which token"),
        ([ELSEWHERE], ReviewVerdict.OURS, "as from here"),
    ],
)
def test_gitlab_tells_only_whom_a_token_acts_for(
    tmp_path: Path, ours: list[str], verdict: ReviewVerdict, words: str
) -> None:
    log = access_logs.make(tmp_path, "gitlab-stream.ndjson")
    (token,) = compared(GITLAB, log, ours=ours).tokens
    assert (token.verdict, words in token.sentence) == (verdict, True)


def test_a_mapping_names_a_token_that_nothing_else_does(tmp_path: Path) -> None:
    log = access_logs.make(tmp_path, "gitlab-stream.ndjson")
    token = replace(GITLAB, traces=frozenset({"h"}))
    mapping = LogMapping(names={REFERENCE: ("gitlab-user:71",)})
    assert compared(token, log).tokens[0].verdict is ReviewVerdict.UNNAMED
    assert compared(token, log, mapping=mapping).tokens[0].verdict is ReviewVerdict.ACCOUNT


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("sha256-hex", sha256(VALUE.encode()).hexdigest()),
        ("sha256-base64", access_logs.hashed(VALUE)),
        ("value", VALUE),
    ],
)
def test_a_log_of_any_format_names_a_token_in_any_of_these_ways(tmp_path: Path, kind: str, name: str) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text(f'time = "t"\ntoken = "k"\naddress = "a"\ntoken-is = "{kind}"\n')
    log = tmp_path / "x.ndjson"
    odd: list[object] = [name, "nonsense", "", 7, None, []]
    records = [{"t": at(5).isoformat(), "k": one, "a": ELSEWHERE} for one in odd]
    log.write_text("\n".join(json.dumps(record) for record in records))
    (token,) = compared(TOKEN, log, mapping=read_mapping(mapping)).tokens
    assert [(one.address, one.count) for one in token.uses] == [(ELSEWHERE, 1)]


def test_only_what_lies_between_two_moments_counts(tmp_path: Path) -> None:
    log = github_log(tmp_path, [(1, HOME), (5, HOME), (9, HOME)])
    found = compared(RUN, log, since=at(2), until=at(8))
    assert [(one.count, one.first) for one in found.tokens[0].uses] == [(1, at(5))]
    assert (found.logs[0].records, found.logs[0].matched) == (3, 1)


def test_several_logs_are_read_together(tmp_path: Path) -> None:
    other = tmp_path / "more"
    other.mkdir()
    first, second = github_log(tmp_path, [(1, HOME)]), github_log(other, [(200, HOME)])
    assert [one.whose for one in compared(RUN, first, second).tokens[0].uses] == [M, OURS]


def test_what_could_not_be_read_of_a_log_is_said(tmp_path: Path) -> None:
    log = tmp_path / "x.ndjson"
    log.write_text('{"a": 1}\n{\n{"action": "x", "hashed_token": "y"}\n')
    (read,) = compared(TOKEN, log).logs
    assert read.remarks == (
        "has 1 line or entry that could not be read",
        "has 1 record of no known log; describe it with `--map`",
        "has 1 record without a time, not counted",
    )


def test_an_empty_log_is_said_to_be_so(tmp_path: Path) -> None:
    log = tmp_path / "x.ndjson"
    log.touch()
    assert compared(TOKEN, log).logs[0].remarks == ("is empty",)


def test_a_log_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(TokenwardError, match="cannot be read"):
        compared(TOKEN, tmp_path / "none")


def test_a_log_of_very_many_addresses_takes_little_memory(tmp_path: Path) -> None:
    addresses = [f"10.{number >> 8}.{number & 255}.1" for number in range(3 * MOST_GROUPS)]
    (token,) = compared(TOKEN, github_log(tmp_path, [(5, one) for one in addresses])).tokens
    assert len(token.uses) <= MOST_GROUPS + 1
    assert sum(one.count for one in token.uses) == len(addresses)


def test_the_strangest_token_is_the_first(tmp_path: Path) -> None:
    other = replace(TOKEN, fingerprint=fingerprint("x"), traces=traces("x"))
    log = github_log(tmp_path, [(5, ELSEWHERE)])
    found: Sequence[ReviewedToken] = review_logs([other, TOKEN], ReviewRequest((log,)), fingerprint).tokens
    assert [one.verdict for one in found] == [ReviewVerdict.OTHERS, ReviewVerdict.UNUSED]


def test_what_a_move_records_is_enough_to_find_the_token_in_a_log(desk: Desk, tmp_path: Path) -> None:
    path = desk.folder / "app.py"
    desk.move(desk.editor.open(path, f'TOKEN = "{VALUE}"\nAGAIN = "{VALUE}"\n'))
    (token,) = histories(desk.context.ledger.records())
    assert (token.rule, token.provider, token.stored is None) == ("betterleaks.github-pat", "GitHub", False)
    assert [(one.origin, one.surface, one.gone) for one in token.places] == [(str(path), "document", None)]
    scanner = desk.context.scanner
    log = github_log(tmp_path, [(60 * 24 * 365 * 50, ELSEWHERE)])
    (found,) = review_logs([token], ReviewRequest((log,)), scanner.fingerprint).tokens
    assert found.verdict is ReviewVerdict.OTHERS


def test_a_move_of_all_occurrences_ends_the_place(desk: Desk) -> None:
    path = desk.folder / "app.py"
    desk.move(desk.editor.open(path, f'TOKEN = "{VALUE}"\nAGAIN = "{VALUE}"\n'), everywhere=True)
    (token,) = histories(desk.context.ledger.records())
    assert [one.gone is None for one in token.places] == [False]
