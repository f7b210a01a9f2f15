"""Rules of a user or a trusted workspace."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.custom.catalog import entropy, split_rules
from workspace_texts import Workspace

GOOD = "  - name: Acme\n    id: custom.acme\n    pattern: 'acme_([a-zA-Z0-9]{12})'\n"
LOOK_AROUND = "  - name: Bad\n    id: custom.bad\n    pattern: '(?=acme)x'\n"
MISSPELT = "  - name: Typo\n    id: custom.typo\n    patern: 'x'\n"
LINE = "key = 'acme_q7Zt2mXw9LbC'\n"


def test_a_yaml_rule_of_the_user_finds_its_secrets(workspace: Workspace) -> None:
    workspace.rule_files = {"mine.yml": f"rules:\n{GOOD}"}
    assert workspace.problems() == []
    assert [found.rule for found in workspace.scan(LINE).found] == ["custom.acme"]


def test_a_toml_rule_of_the_user_finds_its_secrets(workspace: Workspace) -> None:
    workspace.rule_files = {"mine.toml": "[[rules]]\nid = 'acme'\nregex = 'acme_([a-zA-Z0-9]{12})'\n"}
    assert [found.rule for found in workspace.scan(LINE).found] == ["custom.acme"]


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        (GOOD + LOOK_AROUND, 4),
        (LOOK_AROUND + GOOD, 1),
        (f"# a comment\n\n{MISSPELT}\n{GOOD}", 3),
        (f"{GOOD}  # between\n{MISSPELT}", 5),
    ],
)
def test_a_bad_yaml_rule_is_reported_at_its_line_and_disables_only_itself(
    workspace: Workspace, rules: str, line: int
) -> None:
    workspace.rule_files = {"mine.yml": f"rules:\n{rules}"}
    assert workspace.problems() == [("mine.yml", line)]
    assert len(workspace.scan(LINE).found) == 1


def test_a_bad_toml_rule_is_reported_at_its_line_and_disables_only_itself(workspace: Workspace) -> None:
    good = "[[rules]]\nid = 'acme'\nregex = 'acme_([a-zA-Z0-9]{12})'\n"
    bad = "[[rules]]\nid = 'bad'\ndescription = 'x'\nregex = '(?=acme)x'\n"
    workspace.rule_files = {"mine.toml": bad + good, "also.yml": f"rules:\n{LOOK_AROUND}"}
    assert sorted(workspace.problems()) == [("also.yml", 1), ("mine.toml", 3)]
    assert len(workspace.scan(LINE).found) == 1


@pytest.mark.parametrize(
    "text", ["rules: [}", "{", "", "rules:\n", "rules: 5\n", "\0", "\ud800", "rules:\n\t- a"]
)
def test_a_bad_file_is_reported_and_the_catalog_stays_on(workspace: Workspace, text: str) -> None:
    workspace.rule_files = {"mine.yml": text}
    assert workspace.problems() == [("mine.yml", 0)]
    assert workspace.found(f"'{tokens.github()}'") == [tokens.github()]


def test_a_file_that_would_keep_the_engine_busy_is_reported(workspace: Workspace) -> None:
    workspace.rule_files = {"mine.yml": "a: [\n" * 150_000, "good.yml": f"rules:\n{GOOD}"}
    assert workspace.problems() == [("mine.yml", 0)]
    assert len(workspace.scan(LINE).found) == 1


def test_a_custom_rule_hides_no_token_of_the_catalog(workspace: Workspace) -> None:
    wide = "  - name: Wide\n    id: custom.wide\n    pattern: '(?s)begin.{1,900}keyring://acme/NAME.{1,900}end'\n"
    workspace.rule_files = {"mine.yml": f"rules:\n{wide}"}
    token = tokens.github()
    assert workspace.found(f"begin '{token}'\nurl = keyring://acme/NAME\n the end") == [token]


def test_a_custom_rule_that_is_excepted_hides_no_token_inside_its_match(workspace: Workspace) -> None:
    wide = "[[rules]]\nid = 'wide'\nregex = '''start.{1,200}end'''\n[rules.allowlist]\npaths = ['''.''']\n"
    workspace.rule_files = {"mine.toml": wide}
    token = tokens.github()
    assert workspace.found(f"start '{token}' the end") == [token]


def toml_rule(extra: str = "", name: str = "acme", pattern: str = "acme_([a-zA-Z0-9]{12})") -> str:
    return f"[[rules]]\nid = '{name}'\ndescription = 'x'\nregex = '{pattern}'\n{extra}"


NEVER = GOOD.replace("acme_", "never_")
OTHER = LOOK_AROUND.replace("(?=acme)", "")
REPLACEMENTS = [
    (".gitleaks.toml", f"\n{toml_rule('entropy = 9.0')}", 1),
    (".gitleaks.toml", toml_rule("keywords = ['nowhere']", "custom.acme"), 0),
    (".gitleaks.toml", toml_rule(pattern="never_([a-z]{12})"), 0),
    (".tokenward/rules/a.yml", f"rules:\n{NEVER}", 2),
    (".tokenward/rules/a.yml", f"rules:\n{OTHER}{NEVER}", 5),
    (".tokenward/rules/a.yml", f"rules:\n{OTHER}{NEVER.replace('custom.acme', '!!str custom.acme')}", 0),
]


@pytest.mark.parametrize("own", [{"mine.toml": toml_rule()}, {"mine.yml": f"rules:\n{GOOD}"}])
@pytest.mark.parametrize(("name", "text", "line"), REPLACEMENTS)
def test_no_rule_of_a_trusted_workspace_replaces_one_of_the_user(
    workspace: Workspace, own: dict[str, str], name: str, text: str, line: int
) -> None:
    workspace.is_trusted = True
    workspace.rule_files = own | ({name: text} if name.endswith(".yml") else {})
    workspace.files[name] = text
    assert [found.rule for found in workspace.scan(LINE).found] == ["custom.acme"]
    assert workspace.problems() == [(name, line)]


def test_of_two_files_of_a_workspace_with_a_rule_of_one_id_the_first_counts(workspace: Workspace) -> None:
    workspace.is_trusted = True
    workspace.files = {".gitleaks.toml": toml_rule(), ".betterleaks.toml": toml_rule("entropy = 9.0\n")}
    assert len(workspace.scan(LINE).found) == 1
    assert workspace.problems() == [(".betterleaks.toml", 0)]
    workspace.files[".betterleaks.toml"] = toml_rule()
    assert workspace.problems() == []


def test_a_repeated_rule_stays_out_when_another_one_is_bad(workspace: Workspace) -> None:
    workspace.is_trusted = True
    workspace.rule_files = {"mine.yml": f"rules:\n{LOOK_AROUND}{GOOD}"}
    workspace.files[".gitleaks.toml"] = toml_rule("entropy = 9.0\n") + toml_rule(name="b", pattern="(?=a)x")
    assert sorted(workspace.problems()) == [(".gitleaks.toml", 0), (".gitleaks.toml", 8), ("mine.yml", 1)]
    assert len(workspace.scan(LINE).found) == 1


class _Lowered(str):
    """A text that counts its conversions to lower case."""

    __slots__ = ()
    times = 0

    def lower(self) -> str:
        _Lowered.times += 1
        return super().lower()


def test_the_keywords_of_a_rule_are_looked_for_once_in_a_text(workspace: Workspace) -> None:
    _Lowered.times = 0
    workspace.rule_files = {"mine.toml": toml_rule("keywords = ['other', 'key']\n")}
    assert len(workspace.scan(_Lowered(LINE * 50)).found) == 50
    assert _Lowered.times == 1


def test_the_deadline_holds_for_the_work_on_the_matches_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A clock that advances with each reading: the engine is called twice, and there are 200 matches.
    monkeypatch.setattr("tokenward.detection.rules.engine_scan.monotonic", count().__next__)
    workspace.rule_files = {"mine.toml": toml_rule("keywords = ['key']\n")}
    local, _ = workspace.local()
    with pytest.raises(TimeoutError):
        workspace.detector.detect_all(LINE * 200, local=local, timeout=100.0)


@given(
    st.lists(st.sampled_from([GOOD, LOOK_AROUND, MISSPELT]), min_size=1, max_size=5),
    st.sampled_from(["", "# head\n", "\n"]),
    st.sampled_from(["", "other: 1\n", "\n# tail\n"]),
)
def test_a_file_is_split_into_its_rules(items: list[str], head: str, tail: str) -> None:
    text = f"{head}rules:\n{''.join(items)}{tail}"
    found = split_rules(text)
    assert [item[: len(wanted)] for (_, item), wanted in zip(found, items, strict=True)] == items
    assert all(text.split("\n")[line].startswith("  - name") for line, _ in found)


@given(st.text(st.sampled_from("rules:\n -#ab\t'\r"), max_size=60))
def test_any_text_can_be_split(text: str) -> None:
    assert all(item.strip() for _, item in split_rules(text))


@pytest.mark.parametrize(("text", "bits"), [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0)])
def test_entropy(text: str, bits: float) -> None:
    assert entropy(text) == pytest.approx(bits)
