"""Each rule has its page in docs/rules, which set-up wrote from the rules and providers.toml."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from rule_pages import rule_pages

from tokenward.detection.engine import Detector
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.presentation.profile_words import page_of

FOLDER = Path(__file__).parents[2] / "docs" / "rules"
Rules = list[tuple[str, str]]


@pytest.fixture(scope="module")
def rules(detector: Detector) -> Rules:
    return [
        (rule["id"], rule["name"]) for scanner in detector.load().all for rule in scanner.rules.metadata()
    ]


def test_the_pages_are_up_to_date(rules: Rules) -> None:
    """If this fails, run `make set-up`."""
    on_disk = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    pages = rule_pages(rules)
    assert on_disk.keys() == pages.keys()
    assert [name for name, text in pages.items() if on_disk[name] != text] == []


def test_the_pages_are_the_same_whatever_the_order_of_the_rules(rules: Rules) -> None:
    assert rule_pages(reversed(rules)) == rule_pages(rules)


def test_every_rule_leads_to_a_page_that_names_it(rules: Rules) -> None:
    for rule, _ in rules:
        page = page_of(rule)
        assert page is not None, rule
        assert f"`{short_rule(rule)}`" in Path(unquote(urlsplit(page).path)).read_text("utf-8")


@pytest.mark.parametrize("rule", ["custom.acme", "custom.github-pat", "acme.token", "", "../../x"])
def test_a_rule_of_somebody_else_leads_nowhere(rule: str) -> None:
    assert page_of(rule) is None


def test_every_link_of_a_page_leads_to_the_web_or_to_another_page(rules: Rules) -> None:
    pages = rule_pages(rules)
    targets = {target for text in pages.values() for target in re.findall(r"\]\(([^)]*)\)", text)}
    assert targets
    assert [target for target in targets if not target.startswith("https://") and target not in pages] == []


def test_what_a_rule_says_of_itself_is_only_text() -> None:
    page = rule_pages([("tokenward.acme-x", "[x](https://evil.example) <b> `y`\n# z")])["acme.md"]
    assert "\n- `acme-x`: \\[x\\](https:\\//evil.example) \\<b\\> \\`y\\`?\\# z\n" in page
