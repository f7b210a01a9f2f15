"""The engine looks for Base64 only where some is, and finds the same as if it always did."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kingfisher_sdk.rules import Rules
from kingfisher_sdk.scanner import DetectionPolicy, Scanner

from tokenward.detection.catalog import CatalogScanner
from tokenward.detection.rules import engine_scan
from tokenward.detection.rules.engine_scan import source_of

RULE = "rules:\n- {id: a.b, name: a, pattern: '(zq[0-9]{2})', confidence: high}\n"
SHORTEST = 32
"""Characters that the engine decodes, with the padding."""
CHANCE = random.Random(1)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    file = tmp_path_factory.mktemp("rules") / "rule.yml"
    file.write_text(RULE)
    return Rules([file], builtins=False, cache=False)


@pytest.mark.parametrize("length", range(16, 60))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_all_that_the_engine_decodes_is_decoded(
    length: int, encode: Callable[[bytes], bytes], rules: Rules
) -> None:
    text = encode(("~?" * 30)[: length - 4].encode() + b"zq12")
    found = found_by(CatalogScanner(rules), text)
    assert found == found_by(always_decoding(rules), text)
    assert bool(found) == (len(text) >= SHORTEST)


@pytest.mark.parametrize(
    "text",
    [
        b"def test_a_function_with_a_very_long_name_indeed(self, detector):\n",
        b"-" * 80,
        b"/" * 80,
        b"0123456789abcdef" * 4,
        base64.b64encode(CHANCE.randbytes(3000)),
        b"a short line\n" * 100,
    ],
)
def test_most_texts_are_scanned_without_decoding(text: bytes, rules: Rules) -> None:
    scanner = CatalogScanner(rules)
    assert not found_by(scanner, text)
    assert "_decoding" not in vars(scanner)


@given(data=st.data())
def test_the_same_is_found_around_and_within_anything(data: st.DataObject, rules: Rules) -> None:
    around = st.text('Aaz09+/_-= \n"\x00é~', max_size=12)
    text = data.draw(st.text("az09 ~\n", min_size=16, max_size=30)) + "zq12" + data.draw(around)
    for _ in range(data.draw(st.integers(1, 3))):
        encode = data.draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
        encoded = encode(text.encode()).decode()
        text = data.draw(around) + encoded.rstrip("=" * data.draw(st.integers(0, 1))) + data.draw(around)
    sought = text.encode()
    assert found_by(CatalogScanner(rules), sought) == found_by(always_decoding(rules), sought)


def always_decoding(rules: Rules) -> Scanner:
    return Scanner(rules, policy=DetectionPolicy(inline_ignores=False, cli_match_semantics=False))


def found_by(scanner: engine_scan.TextScanner, data: bytes) -> list[tuple[object, ...]]:
    found = scanner.scan_input(source_of(data, "text"))
    return [(one.secret, *one.location.values(), one.is_base64_encoded) for one in found]
