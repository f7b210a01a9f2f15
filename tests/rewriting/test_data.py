"""JSON, YAML, TOML, INI, properties and .env: the reference replaces the token inside its quotes."""

from __future__ import annotations

import configparser
import io
import json
import tomllib
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import up_to
from rewriting.moving import REFERENCE, TOKEN, filled, move, restored_without_record
from tokenward.errors import RewriteRefused

KEPT_AROUND = [
    ("json", '{"a": "T0K"}'),
    ("json", '["T0K", {"b": "p://u:T0K@h/x\\n"}]\r\n'),
    ("json", '{"é😀": "é T0K"}'),
    ("jsonc", '{// T0K\n  "a": "T0K", /* c */\n}'),
    ("yaml", "a: T0K\n"),
    ("yaml", "a: T0K # c\r\nb: 'it''s T0K'\r\n"),
    ("yaml", 'a: &x "T0K"\nb: *x\nc: !!str T0K\n'),
    ("yaml", "a: [T0K, {b: T0K}]\n"),
    ("yaml", "a: |\n  x T0K\n\n  y\nb: >-\n  T0K\n  z\n"),
    ("yaml", "env:\n  - A=T0K\n  - url: p://u:T0K@h\n# T0K"),
    ("toml", 'a = "T0K"\nb = \'T0K\' # T0K\n[c]\nd."e" = ["x T0K"]'),
    ("toml", "a = \"\"\"\r\nT0K\r\n\"\"\"\r\nb = '''T0K'''"),
    ("ini", '[a]\nb = T0K\nc: "T0K" ; x\n; T0K\n  # T0K'),
    ("ini", "[a]\nb = x\n  T0K\n\td = T0K\n"),
    ("ini", "//host/:_authToken=T0K\n"),
    ("properties", "a.b=T0K\nc: T0K\nd T0K\n! T0K\ne=x\\\n  T0K"),
    ("dotenv", "A=T0K\nexport B='T0K' # T0K\nC=\"x T0K\"\r\nD=`T0K`\n"),
    ("dotenv", '\ufeffA = p://u:T0K@h # c\n#T0K\nB="x\nT0K\ny"'),
]


@pytest.mark.parametrize(("language", "text"), KEPT_AROUND)
def test_a_reference_stands_where_the_token_stood(language: str, text: str) -> None:
    moved, rewrite = move(language, filled(text))
    assert moved == text.replace("T0K", str(REFERENCE))
    assert rewrite.value.reveal() == TOKEN
    assert not rewrite.needs_environment
    assert restored_without_record(language, moved, rewrite) == filled(text)


REFUSED = [
    ("json", '{"T0K": 1}'),
    ("json", '{"a": "xT0K"}'),
    ("json", '{"a": "T0K-x"}'),
    ("json", '{"a": "T0K/x"}'),
    ("json", '{"a": "\\nT0K"}'),
    ("json", '{"a": "T0K\\u0041"}'),
    ("json", '{"a": "T0K'),
    ("json", '{"a": "T0K",}'),
    ("json", '{"a": T0K}'),
    ("yaml", "T0K: a"),
    ("yaml", "? T0K\n: a"),
    ("yaml", "a: {T0K}"),
    ("yaml", "a: {T0K: b}"),
    ("yaml", "a: &T0K b"),
    ("yaml", 'a: !!binary "T0K"'),
    ("yaml", 'a: "T0K'),
    ("toml", '"T0K" = 1'),
    ("toml", "T0K = 1"),
    ("toml", "[T0K]"),
    ("toml", "a = T0K"),
    ("ini", "[T0K]"),
    ("ini", "T0K = a"),
    ("ini", "a = b\nT0K\n"),
    ("properties", "T0K=a"),
    ("properties", "a=\\T0K"),
    ("dotenv", "T0K=a"),
    ("dotenv", "T0K"),
    ("dotenv", 'A="T0K'),
    ("dotenv", "A='x' T0K"),
]


@pytest.mark.parametrize(("language", "text"), REFUSED)
def test_what_would_be_no_reference_is_refused(language: str, text: str) -> None:
    with pytest.raises(RewriteRefused) as refusal:
        move(language, filled(text))
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    "token", ["1234567890", "0123_456", "1e1000", "12:30:45", "0x12ab34cd", ".5e10", "2024-01-02"]
)
def test_a_yaml_value_that_reads_as_a_number_is_refused_without_quotes(token: str) -> None:
    with pytest.raises(RewriteRefused, match="quotes"):
        move("yaml", f"a: {token}\n", token)
    assert move("yaml", f"a: '{token}'\n", token)[1].value.reveal() == token


KEY = tokens.private_key()


@pytest.mark.parametrize(
    ("language", "frame", "newline"),
    [
        ("json", '{{"k": "{}"}}', "\\n"),
        ("yaml", 'k: "{}"\n', "\\n"),
        ("yaml", "k: |\n  {}\n", "\n  "),
        ("yaml", "a:\r\n  k: |-\r\n    {}\r\nb: c", "\r\n    "),
        ("toml", 'k = "{}"', "\\n"),
        ("toml", 'k = """\n{}\n"""', "\n"),
        ("toml", "k = '''{}'''\r\n", "\r\n"),
        ("dotenv", 'k="{}"\n', "\\n"),
        ("dotenv", 'k="{}"\r\n', "\r\n"),
        ("dotenv", "k='{}'", "\n"),
    ],
)
def test_a_private_key_is_stored_as_a_program_reads_it(language: str, frame: str, newline: str) -> None:
    written = KEY.replace("\n", newline)
    moved, rewrite = move(language, frame.format(written), written)
    assert rewrite.value.reveal() == KEY
    assert moved == frame.format(REFERENCE)


@pytest.mark.parametrize(
    ("language", "frame", "written"),
    [
        ("json", '"{}"', "ab\\/cd"),
        ("json", '"{}"', "ab\\u0041cd"),
        ("yaml", '"{}"', "ab\\x41cd"),
        ("yaml", '"{}"', "ab\n  cd"),
        ("yaml", "a: >\n  {}\n", "ab\n  cd"),
        ("yaml", "a: |\n  {}\n", "ab\n\n  cd"),
        ("toml", 'a = """{}"""', "ab\\\n  cd"),
        ("toml", 'a = """{}"""', "ab\ncd\\nef"),
        ("dotenv", 'a="{}"', "ab\\'cd"),
        ("dotenv", "a='{}'", "ab\rcd"),
        ("properties", "a={}", "ab\\u0041cd"),
    ],
)
def test_a_spelling_that_could_not_be_put_back_is_refused(language: str, frame: str, written: str) -> None:
    with pytest.raises(RewriteRefused):
        move(language, frame.format(written), written)


def test_occurrences_written_differently_are_refused_together() -> None:
    text = f"a: '{TOKEN}'\n# {TOKEN}\n"
    assert move("yaml", text)[1].value.reveal() == TOKEN
    escaped = "ab\\ncd"
    with pytest.raises(RewriteRefused, match="differently"):
        move("yaml", f'a: "{escaped}"\nb: {escaped}\n', escaped)


_TEXT = st.text(st.sampled_from("ab .:%é😀\\@{}'\"`$\t#,;=\n"), max_size=6)
_VALUES = st.one_of(
    st.builds(lambda a, b: f"{a} {TOKEN} {b}", _TEXT, _TEXT),
    st.just(TOKEN),
    _TEXT,
    st.integers(),
    st.none(),
    st.booleans(),
)
_DOCUMENTS = st.dictionaries(
    _TEXT.filter(lambda key: key.strip(" \t\n")),
    st.recursive(
        _VALUES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
).filter(lambda document: TOKEN in repr(document))


def resolved(value: Any) -> Any:
    """Return the value with references resolved."""
    if isinstance(value, str):
        return value.replace(str(REFERENCE), TOKEN)
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if isinstance(value, dict):
        return {key: resolved(item) for key, item in value.items()}
    return value


@settings(max_examples=up_to(150), deadline=None)
@given(_DOCUMENTS, st.sampled_from([None, 2]), st.booleans())
def test_moved_json_holds_the_same(document: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    moved, rewrite = move("json", text)
    assert resolved(json.loads(moved)) == document
    assert restored_without_record("json", moved, rewrite) == text


@settings(max_examples=up_to(200), deadline=None)
@given(
    _DOCUMENTS,
    st.sampled_from([None, True, False]),
    st.sampled_from([None, '"', "'", "|", ">"]),
    st.booleans(),
)
def test_moved_yaml_holds_the_same(
    document: dict[str, Any], flow: bool | None, style: str | None, unicode: bool
) -> None:
    text = yaml.safe_dump(
        document, default_flow_style=flow, default_style=style, allow_unicode=unicode, width=10**6
    )
    try:
        moved, rewrite = move("yaml", text)
    except RewriteRefused as refusal:
        assert "run into" in str(refusal) or "parse" in str(refusal)  # noqa: PT017
        return
    assert resolved(yaml.safe_load(moved)) == document
    assert yaml.safe_load(restored_without_record("yaml", moved, rewrite)) == document


_TOML_STRINGS = st.sampled_from(
    ['"{}"', "'{}'", '"""{}"""', "'''{}'''", '"""\n{}\n"""', '["{}", 1]', '{{x = "{}"}}']
)


@settings(max_examples=up_to(150), deadline=None)
@given(
    st.lists(
        st.tuples(_TOML_STRINGS, st.sampled_from(["T0K", "p://u:T0K@h", "é T0K", "T0K 😀"])),
        min_size=1,
        max_size=4,
    )
)
def test_moved_toml_holds_the_same(values: list[tuple[str, str]]) -> None:
    lines = [f"k{number} = {frame.format(value)} # T0K" for number, (frame, value) in enumerate(values)]
    text = filled("\n".join(["[a.b]", *lines]))
    moved, rewrite = move("toml", text)
    assert resolved(tomllib.loads(moved)) == tomllib.loads(text)
    assert restored_without_record("toml", moved, rewrite) == text


_INI_VALUES = st.lists(
    st.sampled_from(["T0K", '"T0K"', "p://u:T0K@h", "x\n  T0K\n  y", "a ; T0K", "é T0K"]), min_size=1
)


@given(_INI_VALUES, st.sampled_from(["=", " = ", ": "]))
def test_moved_ini_holds_the_same(values: list[str], separator: str) -> None:
    text = filled(
        "\n".join(["[a]", *(f"k{i}{separator}{value}" for i, value in enumerate(values)), "# T0K", ""])
    )
    moved, rewrite = move("ini", text)
    assert resolved(_ini(moved)) == _ini(text)
    assert restored_without_record("ini", moved, rewrite) == text


_ENV_VALUES = st.lists(
    st.sampled_from(
        [
            "T0K",
            "'T0K'",
            '"T0K" # c',
            '"p://u:T0K@h\\n x"',
            "a T0K",
            '"x\nT0K\ny"',
            "'it\\'s T0K'",
            "\u00e9 T0K",
        ]
    ),
    min_size=1,
)


@given(
    _ENV_VALUES,
    st.sampled_from(["", "export "]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff"]),
)
def test_moved_env_holds_the_same(values: list[str], export: str, newline: str, bom: str) -> None:
    lines = [f"{export}K{number}={value}".replace("\n", newline) for number, value in enumerate(values)]
    text = bom + filled(newline.join(["# T0K", *lines]))
    moved, rewrite = move("dotenv", text)
    assert resolved(_env(moved)) == _env(text)
    assert restored_without_record("dotenv", moved, rewrite) == text


def _ini(text: str) -> dict[str, Any]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(section) for name, section in parser.items()}


def _env(text: str) -> dict[str, Any]:
    return dict(dotenv_values(stream=io.StringIO(text), interpolate=False))
