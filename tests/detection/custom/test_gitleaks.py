"""`.gitleaks.toml`: the parts that the engine drops silently."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import up_to
from tokenward.detection.custom.gitleaks import parse_gitleaks
from tokenward.detection.custom.toml_values import MAX_CHARACTERS, TomlText, parse_toml
from tokenward.model import Problem
from workspace_texts import Workspace

CONFIG = ".gitleaks.toml"
RULE = "[[rules]]\nid = 'acme'\ndescription = 'Acme'\nregex = '''acme_([a-zA-Z0-9]{12})'''\n"
SECRET = "q7Zt2mXw9LbC"
LINE = f"key = 'acme_{SECRET}'\n"
TOKEN = tokens.github()
TOKEN_LINE = f"token = '{TOKEN}'\n"
COMMIT = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def trusted(workspace: Workspace) -> Workspace:
    workspace.is_trusted = True
    return workspace


def test_a_rule_of_a_trusted_workspace_finds_its_secrets(trusted: Workspace) -> None:
    trusted.files[CONFIG] = RULE
    (found,) = trusted.scan(LINE).found
    assert found.rule == "custom.acme"
    assert SECRET in found.secret.reveal()


def test_a_rule_of_an_untrusted_workspace_finds_nothing(workspace: Workspace) -> None:
    workspace.files[CONFIG] = RULE
    assert workspace.found(LINE) == []


@pytest.mark.parametrize(
    ("extra", "text", "is_found"),
    [
        ("entropy = 3.0\n", LINE, True),
        ("entropy = 5.0\n", LINE, False),
        ("entropy = 3\n", "acme_abababababab", False),
        ("keywords = ['ACME_']\n", LINE, True),
        ("keywords = ['other', 'more']\n", LINE, False),
        ("path = '''\\.env$'''\n", LINE, False),
        ("path = '''\\.py$'''\n", LINE, True),
        ("secretGroup = 1\n", LINE, True),
        ("skipReport = true\n", LINE, False),
    ],
)
def test_the_conditions_of_a_rule_are_heeded(
    trusted: Workspace, extra: str, text: str, is_found: bool
) -> None:
    trusted.files[CONFIG] = RULE + extra
    assert bool(trusted.found(text)) is is_found


def test_a_rule_without_a_description_finds_its_secrets(trusted: Workspace) -> None:
    trusted.files[CONFIG] = RULE.replace("description = 'Acme'\n", "")
    assert trusted.found(LINE)


ALLOWLISTS = [
    ("paths = ['''^src/''']", True),
    ("paths = ['''^tests/''']", False),
    ("regexes = ['''^gh[a-z]_''']", True),
    ("regexes = ['''^nothing''']", False),
    ("regexes = ['''^token = ''']", False),
    ("regexTarget = 'line'\nregexes = ['''^token = ''']", True),
    ("regexTarget = 'match'\nregexes = ['''^gh''']", True),
    ("stopwords = ['GH']", True),
    ("stopwords = ['nowhere']", False),
    (f"commits = ['{COMMIT.upper()}']", True),
    (f"commits = ['{COMMIT[::-1]}']", False),
    ("condition = 'AND'\npaths = ['''^src/''']\nstopwords = ['gh']", True),
    ("condition = 'AND'\npaths = ['''^src/''']\nstopwords = ['nowhere']", False),
    ("condition = 'OR'\npaths = ['''^src/''']\nstopwords = ['nowhere']", True),
    ("targetRules = ['github-pat']\npaths = ['''^src/''']", True),
    ("targetRules = ['npm-access-token']\npaths = ['''^src/''']", False),
    ("targetRules = 'github-pat'\npaths = '^src/'", True),
    ("targetRules = 'npm-access-token'\npaths = '^src/'", False),
    ("targetRules = 'npm-access-token,github-pat'\npaths = '^src/'", True),
    ("condition = 'AND'\npaths = '^tests/'\nstopwords = ['gh']", False),
    ("TargetRules = ['npm-access-token']\npaths = ['^src/']", False),
    ("targetrules = ['github-pat']\nPaths = ['^src/']", True),
]


@pytest.mark.parametrize("header", ["[allowlist]", "[[allowlists]]"])
@pytest.mark.parametrize(("body", "silences"), ALLOWLISTS)
def test_a_global_allowlist_holds_for_the_catalogs_rules_too(
    workspace: Workspace, header: str, body: str, silences: bool
) -> None:
    workspace.files[CONFIG] = f"title = 'x'\n\n{header}\n{body}\n"
    detected = workspace.scan(TOKEN_LINE, commit=COMMIT)
    assert bool(detected.found) is not silences
    assert [(s.path, s.line, s.rule, s.by) for s in detected.ignored] == (
        [("src/app.py", 0, "betterleaks.github-pat", f"{CONFIG}:3")] if silences else []
    )


@pytest.mark.parametrize(
    "body",
    [
        "targetRules = 5\npaths = ['^src/']",
        "targetRules = [5]\npaths = ['^src/']",
        "condition = 'AND'\npaths = ['^src/', 5]\nstopwords = ['gh']",
        "condition = 'AND'\ncommits = {}\nstopwords = ['gh']",
        "condition = 'AND'\nregexes = true\nstopwords = ['gh']",
        "condition = 1\nstopwords = ['gh']",
        f"condition = 0x{'f' * 8000}\nstopwords = ['gh']",
        "regexTarget = ['line']\nstopwords = ['gh']",
    ],
)
def test_an_allowlist_with_a_key_that_is_not_understood_allows_nothing(
    workspace: Workspace, body: str
) -> None:
    workspace.files[CONFIG] = f"\n[[allowlists]]\n{body}\n"
    assert workspace.problems() == [(CONFIG, 1)]
    assert workspace.found(TOKEN_LINE) == [TOKEN]


@pytest.mark.parametrize("header", ["[rules.allowlist]", "[[rules.allowlists]]"])
def test_a_rules_allowlist_holds_for_that_rule_alone(trusted: Workspace, header: str) -> None:
    trusted.files[CONFIG] = f"{RULE}{header}\npaths = ['''^src/''']\n"
    detected = trusted.scan(LINE + TOKEN_LINE)
    assert [d.secret.reveal() for d in detected.found] == [TOKEN]
    assert [(s.line, s.rule) for s in detected.ignored] == [(0, "custom.acme")]


@pytest.mark.parametrize(("before", "silences"), [("# fake ", True), ("# fake\n", False)])
def test_an_allowlist_for_a_line_sees_that_line_only(
    workspace: Workspace, before: str, silences: bool
) -> None:
    workspace.files[CONFIG] = "[allowlist]\nregexTarget = 'line'\nregexes = ['fake']\n"
    assert bool(workspace.found(f"{before}{TOKEN_LINE}# fake\n")) is not silences


def test_an_allowlist_for_a_match_sees_the_whole_match_of_a_custom_rule(trusted: Workspace) -> None:
    allow = "[[rules.allowlists]]\nregexTarget = 'match'\nregexes = ['''^acme_q''']\n"
    trusted.files[CONFIG] = RULE + allow
    assert trusted.silenced_by(LINE) == [f"{CONFIG}:1"]


def test_an_addition_to_a_rule_of_the_catalog_holds_for_it(workspace: Workspace) -> None:
    workspace.files[CONFIG] = (
        "[extend]\nuseDefault = true\n[[rules]]\nid = 'github-pat'\n[[rules.allowlists]]\npaths = ['''src''']\n"
    )
    assert workspace.silenced_by(TOKEN_LINE) == [f"{CONFIG}:3"]


def test_a_disabled_rule_is_silent_and_that_is_on_record(workspace: Workspace) -> None:
    workspace.files[CONFIG] = "[extend]\nuseDefault = true\ndisabledRules = ['github-pat']\n"
    assert workspace.silenced_by(TOKEN_LINE) == [f"{CONFIG}:3"]


def test_a_rule_that_replaces_a_disabled_one_of_the_catalog_fires(trusted: Workspace) -> None:
    own = "[[rules]]\nid = 'github-pat'\ndescription = 'x'\nregex = '(gh[a-z]_[a-zA-Z0-9]{36})'\n"
    trusted.files[CONFIG] = f"[extend]\ndisabledRules = ['github-pat']\n{own}"
    assert [found.rule for found in trusted.scan(TOKEN_LINE).found] == ["custom.github-pat"]
    trusted.files[CONFIG] = own
    trusted.files[".betterleaks.toml"] = "[extend]\ndisabledRules = ['github-pat']\n"
    assert trusted.silenced_by(TOKEN_LINE) == [".betterleaks.toml:2"]


def test_the_catalog_stays_on_without_use_default(trusted: Workspace) -> None:
    trusted.files[CONFIG] = RULE
    assert trusted.found(TOKEN_LINE) == [TOKEN]


def test_an_extended_file_gives_its_rules_and_allowlists(trusted: Workspace) -> None:
    trusted.files[CONFIG] = (
        "[extend]\npath = 'config/base.toml'\n[[rules]]\nid = 'acme'\nkeywords = ['none']\n"
    )
    trusted.files["config/base.toml"] = RULE + "keywords = ['other']\n[allowlist]\nstopwords = ['ghp']\n"
    assert trusted.found(LINE) == []
    trusted.files[CONFIG] = "[extend]\npath = './config/base.toml'\n"
    trusted.files["config/base.toml"] = RULE + "[allowlist]\nstopwords = ['ghp']\n"
    assert len(trusted.found(LINE)) == 1
    assert trusted.silenced_by(TOKEN_LINE) == ["config/base.toml:5"]


def test_a_rule_of_an_extended_file_can_be_disabled(trusted: Workspace) -> None:
    trusted.files |= {CONFIG: "[extend]\npath = 'b.toml'\ndisabledRules = ['acme']\n", "b.toml": RULE}
    assert trusted.found(LINE) == []


@pytest.mark.parametrize("path", ["../b.toml", "/etc/b.toml", "a/../../b.toml", "C:/b.toml", "a\\\\b.toml"])
def test_no_file_outside_the_workspace_is_read(workspace: Workspace, path: str) -> None:
    read_paths: list[str] = []
    config = parse_gitleaks(CONFIG, f"[extend]\npath = '''{path}'''\n", read_paths.append)
    assert read_paths == []
    assert [(p.path, p.line) for p in config.problems] == [(CONFIG, 1)]


def test_files_that_extend_one_another_come_to_an_end(workspace: Workspace) -> None:
    workspace.files |= {CONFIG: f"[extend]\npath = '{CONFIG}'\n"}
    assert workspace.problems() == [(CONFIG, 1)]


def test_a_missing_file_to_extend_is_reported_and_the_rest_holds(workspace: Workspace) -> None:
    workspace.files[CONFIG] = "[allowlist]\nstopwords = ['ghp']\n[extend]\npath = 'b.toml'\n"
    assert workspace.problems() == [(CONFIG, 3)]
    assert workspace.silenced_by(TOKEN_LINE) == [f"{CONFIG}:1"]


MALFORMED = [
    ("[[rules]\n", 0),
    ("\n\n= 5\n", 2),
    ("[[rules]]\nregex = 'a'\n", 0),
    ("\n[[rules]]\nid = 'x'\nregex = 5\n", 1),
    ("[[rules]]\nid = 'x'\nregex = 'a'\nentropy = 'high'\n", 0),
    ("[[rules]]\nid = 'x'\npath = 'a'\n", 0),
    ("\n[[rules]]\nid = 'x'\nregex = 'a'\nentropy = nan\n", 1),
    ("\n[[rules]]\nid = 'x'\nregex = 'a'\nentropy = inf\n", 1),
    (f"\n[[rules]]\nid = 'x'\nregex = 'a'\nentropy = 1{'0' * 400}\n", 1),
    ("\n[[rules]]\nid = 'x'\nregex = 'a'\nentropy = true\n", 1),
    ("\n[[rules]]\nid = 'x'\nregex = 'a'\nsecretGroup = true\n", 1),
    ("\n[[rules]]\nid = 'x'\nregex = 'a'\nsecretGroup = 1000000000\n", 1),
    (f"\n[[rules]]\nid = 'x'\nregex = 'a'\nsecretGroup = 0x{'f' * 8000}\n", 1),
    ("rules = 5\n", 0),
    ("\n[allowlist]\ndescription = 'x'\n", 1),
    ("\n[allowlist]\nregexTarget = 'x'\npaths = ['a']\n", 1),
    ("\n[allowlist]\ncondition = 'x'\npaths = ['a']\n", 1),
    ("\n[[allowlists]]\npaths = ['a']\n[[allowlists]]\nregexes = ['''(?=a)''']\n", 3),
    ("a" + ".a" * 100 + " = 1\n", 0),
    ('\na = {b = """c"""", ' + "a." * 100 + "a = 1}\n", 1),
    ("\na = {b = '''c'''', " + "a." * 100 + "a = 1}\n", 1),
    ("x" * (MAX_CHARACTERS + 1), 0),
    ("a = " + "[" * 5000, 0),
]


@pytest.mark.parametrize(("text", "line"), MALFORMED)
def test_what_is_malformed_is_reported_at_its_line(workspace: Workspace, text: str, line: int) -> None:
    workspace.files[CONFIG] = text
    assert workspace.problems() == [(CONFIG, line)]


def test_a_bad_regex_weakens_no_allowlist_that_needs_all(workspace: Workspace) -> None:
    workspace.files[CONFIG] = "[allowlist]\ncondition = 'AND'\npaths = ['''src''']\nregexes = ['''(?=a)''']\n"
    assert workspace.found(TOKEN_LINE) == [TOKEN]


def test_a_header_in_a_text_is_no_header(trusted: Workspace) -> None:
    trusted.files[CONFIG] = (
        f"title = '''\n[[rules]]\n'''\n# [[rules]]\n{RULE}[[rules]]\nid = 'b'\nregex = '''('''\n"
    )
    assert trusted.problems() == [(CONFIG, 10)]
    assert trusted.found(LINE)


class _CountedLines(list[str]):
    """Lines that count how often one is read."""

    reads = 0

    def __getitem__(self, place: Any) -> Any:
        self.reads += 1
        return super().__getitem__(place)


def test_rules_without_headers_are_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = 200
    lines = _CountedLines([f"{{id = 'a{number}', regex = 'b'}}," for number in range(rules)])

    def parse(path: str, text: str) -> TomlText | Problem:
        parsed = parse_toml(path, text)
        return TomlText(parsed.table, lines) if isinstance(parsed, TomlText) else parsed

    monkeypatch.setattr("tokenward.detection.custom.gitleaks.parse_toml", parse)
    config = parse_gitleaks(CONFIG, f"rules = [{' '.join(lines)}]", lambda _: None)
    assert len(config.rules) == rules
    assert lines.reads == 0


@given(st.text(st.sampled_from("[]rules.='\"#\n\\ ab{},0"), max_size=60))
@settings(max_examples=up_to(300))
def test_any_text_is_read_or_reported(text: str) -> None:
    config = parse_gitleaks(CONFIG, text, lambda _: None)
    assert all(0 <= problem.line <= text.count("\n") for problem in config.problems)


@pytest.mark.parametrize("unit", ['"""\\', '"\\', "'", '"', "'''", "a.", "[", "{", "\\"])
def test_a_hostile_file_is_answered(unit: str) -> None:
    parse_gitleaks(CONFIG, unit * (MAX_CHARACTERS // len(unit)), lambda _: None)
