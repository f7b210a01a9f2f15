"""Each of our rules finds the marked parts of its samples and nothing else."""

from __future__ import annotations

import random
import re
from collections import Counter
from itertools import chain

import pytest
from kingfisher_sdk.rules import Rules
from kingfisher_sdk.scanner import Scanner

import rule_samples
from grown import grown, states
from rule_samples import Sample
from tokenward.detection.catalog_quirks import OVERRIDES
from tokenward.detection.engine import Detector
from tokenward.detection.rules.engine_scan import Limits, source_of
from tokenward.detection.rules.own_rules import BY_NAME, GENERIC, OURS, RulePack, holds_for
from tokenward.detection.rules.providers import keys_of
from tokenward.detection.spans import CONTEXTS, MEMBERS, REACH, values_near, whole_token
from tokenward.model import Span

RULES = list(rule_samples.rules())
OF_EACH = [rule_samples.samples_of(rule) for rule in RULES]
EACH = pytest.mark.parametrize("samples", OF_EACH, ids=[rule["id"] for rule in RULES])
SEEDS = range(4)
FEWEST = 2


@pytest.fixture(scope="module")
def pack(detector: Detector) -> RulePack:
    return detector.load().pack


def found_by(pack: RulePack, sample: Sample, text: str) -> set[Span]:
    """Return the spans that a sample's rule finds in its text, each widened to the whole token."""
    spans = set()
    scanners = pack.scanners_for(sample.path)
    for match in chain.from_iterable(
        Limits().scan(one, source_of(text.encode(), "text")) for one in scanners
    ):
        if match.rule_id == sample.rule and holds_for(sample.rule, sample.path):
            place = (match.location["start_offset"], match.location["end_offset"])
            start, end = (len(text.encode()[:offset].decode()) for offset in place)
            spans |= {whole_token(text, near)[0] for near in values_near(sample.rule, text, Span(start, end))}
    return spans


def _ids(scanner: Scanner) -> set[str]:
    return {rule["id"] for rule in scanner.rules.metadata()}


@EACH
def test_a_rule_finds_exactly_what_its_samples_mark(
    pack: RulePack, detector: Detector, samples: list[Sample]
) -> None:
    """Alone; and together with all others it finds no less."""
    for sample in samples:
        for seed in SEEDS:
            text, marked = sample.filled(seed)
            assert sample.rule in BY_NAME or found_by(pack, sample, text) == set(marked), (str(sample), text)
            if sample.matches:
                spans = {found.span for found in detector.detect_all(text, sample.path).found}
                assert spans >= set(marked), (str(sample), text, spans)


def test_a_rule_has_samples_of_both_kinds() -> None:
    for rule, samples in zip(RULES, OF_EACH, strict=True):
        assert sum(sample.matches for sample in samples) >= FEWEST, rule["id"]
        assert sum(not sample.matches for sample in samples) >= FEWEST, rule["id"]
        assert all(sample.matches == ("«" in sample.template) for sample in samples), rule["id"]


def test_a_rule_is_quick_and_of_a_provider_that_is_known(pack: RulePack) -> None:
    holders = [(one, _ids(one)) for one in pack.all]
    for rule in RULES:
        [holder] = (one for one, ids in holders if rule["id"] in ids)
        detail = holder.rules.detail(rule["id"])
        assert detail["vectorscan_compatible"], rule["id"]
        # Only a rule for files of certain names is kept from all others.
        assert ("files" in rule) == (holder is not pack.everywhere), rule["id"]
        assert detail["path"] is None, rule["id"]
        assert rule["id"] in BY_NAME or keys_of(rule["id"]), rule["id"]


def test_a_rule_that_repeats_one_of_the_catalog_names_it(detector: Detector) -> None:
    """Only through a rule of the catalog can its provider check a token."""
    known = {rule["id"] for rule in detector.load().catalog.scanner.rules.metadata()}
    assert {rule["catalog"] for rule in RULES if "catalog" in rule} <= known


@pytest.mark.parametrize(
    "template",
    [
        "kind: OAuthAccessToken\nmetadata:\n  name: ⟦a=sha256~[A-Za-z0-9_-]{43}⟧\n",
        '{"metadata": {"name": "⟦a=sha256~[A-Za-z0-9_-]{43}⟧"}}',
        "GET /apis/oauth.openshift.io/v1/oauthaccesstokens/⟦a=sha256~[A-Za-z0-9_-]{43}⟧",
        "oc delete useroauthaccesstokens ⟦a=sha256~[A-Za-z0-9_-]{43}⟧",
    ],
)
def test_the_name_of_an_object_is_no_token(detector: Detector, template: str) -> None:
    for seed in SEEDS:
        text = rule_samples.fill(template, random.Random(seed))
        assert detector.detect_all(text, "objects.yaml").found == ()


def test_the_ids_of_our_rules_are_ours_and_unique() -> None:
    ids = Counter(rule["id"] for rule in RULES)
    assert all(name.startswith(OURS) for name in ids)
    assert max(ids.values()) == 1


def test_a_sample_is_filled_alike_each_time_and_otherwise_by_another_seed() -> None:
    sample = Sample("tokenward.acme", 0, "", "a=«⟦x=[a-f\\]]{30,40}-⟧» ⟦x⟧ ⟦crc32:np⟧", matches=True)
    text, (span,) = sample.filled(1)
    value = text[span.start : span.end]
    assert text.startswith(f"a={value} {value} np")
    assert len(value) in range(31, 42)
    assert set(value) <= set("abcdef]-")
    assert sample.filled(1) == (text, [span])
    assert sample.filled(2)[0] != text


OVERRIDING = list(rule_samples.rules_of(OVERRIDES))
_COMMON = {
    GENERIC,
    "tokenward.password-netrc-file",
    "tokenward.hashicorp-tf-password",
    "tokenward.password-ansible",
}
"""Rules whose words are common."""
_ENCLOSED = {
    "tokenward.password-connection-string-first",
    "tokenward.password-format",
    "tokenward.password-tomcat",
}
"""Rules whose window ends with the string, tag or call around it; for ours, the engine searches only 4 kB."""
_WINDOW = re.compile(r"\{0,(?:[0-9]{3,})?\}\?")


def _bare(pattern: str) -> str:
    """Return a pattern without escapes, classes and the openings of groups."""
    return re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?", "", pattern)


def _may_be_slow(rule: dict[str, str]) -> bool:
    has_window = rule["id"] not in _ENCLOSED and _WINDOW.search(_bare(rule["pattern"])) is not None
    return rule["id"] in _COMMON or has_window


@pytest.mark.parametrize(
    "rule", [rule for rule in [*RULES, *OVERRIDING] if _may_be_slow(rule)], ids=lambda rule: rule["id"]
)
def test_a_rule_with_common_words_or_a_window_matches_a_bounded_length(rule: dict[str, str]) -> None:
    """For an unbounded rule, the engine searches 64 kB again at each match, which takes seconds per MB."""
    assert not re.search(r"[*+]|,\}", _bare(rule["pattern"]))


def test_no_rule_reaches_over_as_much_text_as_a_document() -> None:
    """A window within which the rule begins again is searched for each beginning; `contexts.py` is for that."""
    windows = [
        int(width)
        for rule in [*RULES, *OVERRIDING]
        for width in re.findall(r"\{0,([0-9]{3,})\}\?", _bare(rule["pattern"]))
    ]
    assert max(windows) < REACH


MOST_STATES = 1_000
_LARGE = {
    "tokenward.cookie-token": 4_800,
    "betterleaks.curl-auth-header": 3_600,
    "tokenward.gcs-signed-url": 2_300,
    "tokenward.password-set": 2_100,
    "tokenward.password-call-variable": 2_050,
    "tokenward.generic-forms": 2_000,
    "tokenward.password-sql": 2_000,
    "tokenward.password-positional": 1_700,
    "tokenward.generic": 1_600,
    "tokenward.password-pgpass": 1_500,
    "tokenward.password-terraform": 1_500,
    "tokenward.password-keyword": 1_400,
    "tokenward.private-key-solana": 1_300,
    "tokenward.secret-call": 1_300,
    "tokenward.jupyter-server-token": 1_200,
    "tokenward.password-directive": 1_200,
    "tokenward.password-first-start": 1_200,
    "tokenward.flyio-token": 1_200,
    "tokenward.password-sbt": 1_100,
    "tokenward.login-join": 1_100,
}
"""The budgets of rules with many alternatives or a bound that keeps values apart."""


@pytest.mark.parametrize("rule", [*RULES, *OVERRIDING], ids=lambda rule: rule["id"])
def test_a_rule_is_cheap_to_compile(rule: dict[str, str]) -> None:
    """Each machine compiles all rules; a bound such as {16,2048} costs as much as hundreds of rules without one."""
    assert states(rule["pattern"]) <= _LARGE.get(rule["id"], MOST_STATES)


def test_a_wide_bound_breaks_the_budget_and_an_open_one_does_not() -> None:
    [rule] = (rule for rule in OVERRIDING if rule["id"] == "betterleaks.aws-session-token")
    assert "{16,}" in rule["pattern"]
    assert states(rule["pattern"].replace("{16,}", "{16,2048}")) > MOST_STATES


def test_a_rule_with_a_condition_is_ours() -> None:
    assert CONTEXTS.keys() | MEMBERS.keys() <= {rule["id"] for rule in RULES}


@pytest.mark.slow
def test_an_override_is_of_a_rule_of_the_catalog_and_takes_its_place(detector: Detector) -> None:
    known = {rule["id"] for rule in Rules(cache=False).metadata()}
    catalog = detector.load().catalog.scanner.rules
    assert len(catalog) == len(known)
    for rule in OVERRIDING:
        assert rule["id"] in known
        assert catalog.detail(rule["id"])["pattern"].strip() == rule["pattern"].strip()


@pytest.mark.parametrize(
    "template",
    [
        "curl -H 'Authorization: Bearer «⟦[A-Za-z0-9]{40}⟧»' https://example.com/",
        'curl https://example.com/ \\\n  -X POST \\\n  --header "X-Api-Key: «⟦[A-Za-z0-9]{32}⟧»"',
        'curl -H"Authorization: «⟦[A-Za-z0-9]{32}⟧»" https://example.com/',
        "curl -s -H 'authorization: Token «⟦[a-f0-9]{40}⟧»' https://example.com/",
    ],
)
def test_a_bounded_rule_of_the_catalog_still_finds_its_tokens(detector: Detector, template: str) -> None:
    for number in SEEDS:
        text, marked = Sample("betterleaks.curl-auth-header", number, "", template, matches=True).filled(1)
        matches = Limits().scan(detector.load().catalog.scanner, source_of(text.encode(), "text"))
        places = [one.location for one in matches if one.rule_id == "betterleaks.curl-auth-header"]
        assert [Span(place["start_offset"], place["end_offset"]) for place in places] == marked


def test_a_file_is_scanned_with_the_rules_that_are_for_it(pack: RulePack) -> None:
    paths = {
        (sample.path, rule["id"])
        for rule, samples in zip(RULES, OF_EACH, strict=True)
        for sample in samples
        if "files" in rule and sample.matches and sample.path
    }
    assert paths
    names = [
        (spelled(grown(rule["files"], random.Random(seed))), rule["id"])
        for rule in RULES
        if "files" in rule
        for seed in range(30)
        for spelled in (str, str.upper, str.title)
    ]
    paths.update((name, rule) for name, rule in names if holds_for(rule, name))
    for path, rule in sorted(paths):
        assert rule in set().union(*map(_ids, pack.scanners_for(path))), (path, rule)


def test_a_note_is_not_scanned_with_the_loose_rules_for_files_of_logins(pack: RulePack) -> None:
    note = source_of(b"Every sentence contains a few words, as this one.\n" * 100, "text")
    scanners = pack.scanners_for("notes.md")
    assert len(scanners) > 1
    assert [match.rule_id for one in scanners for match in Limits().scan(one, note)] == []
    assert any(Limits().scan(one, note) for one in pack.scanners_for("chap-secrets"))
