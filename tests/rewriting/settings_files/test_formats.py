"""Every format of settings files: an entry is added, the rest stays, and removing it brings back the text."""

from __future__ import annotations

import gc
import json
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenward.errors import RewriteRefused
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.settings_files.formats import FORMATS
from tokenward.rewriting.settings_files.json_settings import last_parse_kept
from tokenward.rewriting.settings_files.setting_entry import Insertion, SettingEntry, same, with_entry

HANDLER = {"matcher": "*", "hooks": [{"type": "command", "command": "a 'b' \"c\" é", "timeout": 5}]}
TABLE = {"name": "tokenward", "strict": True, "timeout": 5.0}
ENTRIES = {
    "json": [
        SettingEntry(("hooks", "Pre"), HANDLER),
        SettingEntry(("hooks", "Post"), HANDLER),
        SettingEntry(("permissions", "deny"), "Read(~/.netrc)"),
        SettingEntry(("permissions", "deny"), "Edit(~/.netrc)"),
        SettingEntry(("sandbox", "strict"), True, in_list=False),
    ],
    "toml": [
        SettingEntry(("hooks",), TABLE),
        SettingEntry(("hooks",), {**TABLE, "name": "second"}),
        SettingEntry(("shell", "ignore"), False, in_list=False),
    ],
    "lines": [SettingEntry((), "# ours\n*.pem\n.env"), SettingEntry((), "other")],
    "script": [SettingEntry((), "#!/bin/sh\nexec true\n")],
}
ORACLES: Mapping[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "lines": str.splitlines,
}

TEXTS = {
    "json": [
        "",
        "\n",
        "// only a comment\n",
        "{}",
        "{ }\n",
        "{\n}\n",
        '{"a": {"c": 1}}',
        '{"a":1,"hooks":{"Pre":[]}}',
        '{\n\t"hooks": {\n\t\t"Pre": [\n\t\t\t{"matcher": "x"}\n\t\t]\n\t}\n}\n',
        '{\r\n    "permissions": {\r\n        "deny": ["Read(x)"] // why\r\n    }, // more\r\n}\r\n',
        '\ufeff{"hooks": {"Pre": [1, 2,],},}',
        '{\n  // first\n  "a": "//", /* b */ "b": [ /* c */ ]\n  // last\n}',
        '{"é😀": "\\ud83d\\ude00", "permissions": {"deny": [ "q" /* z */ ]}}',
        '{"sandbox": {"strict": true}, "a": {}}',
        '{"a": [1e+16, -2.5E+3, "1e+16", "\\"+"], "b": "/*+"}',
    ],
    "toml": [
        "",
        "a = 1",
        "# why\r\na = 1\r\n",
        '[[hooks]]\nname = "theirs"\n# end\n',
        "[shell] # c\nx = 1\n\n[other]\ny = 2\n",
        "[shell]\n[shell.more]\ny = 1\n",
        "\ufeffa = 'é😀'\n\n\n",
    ],
    "lines": ["", "a\nb", "\ufeff# mine\r\n!.env\r\n", "\n\n"],
    "script": [""],
}
REFUSED = {
    "json": [
        *("[1]", '{"a": 1 "b": 2}', '{"a": 1,,}', "{,}", '{"hooks": {"Pre": [,]}}', '{"hooks": [1,,2]}', "{"),
        *('{"hooks": []}', '{"hooks": {"Pre": {}}}', '{"hooks": "x"}', '{"hooks": null}', "1", '{"a": 01}'),
        *('{"hooks": {}, "hooks": {}}', '{"a": ' + "[" * 300 + "]" * 300 + "}"),
    ],
    "toml": ["a = = 1", "hooks = [1]", "hooks = 1", "shell.q = 1\nhooks = {}"],
    "script": ["#!/bin/sh\necho theirs\n"],
}


def insert_all(name: str, text: str) -> tuple[str, list[tuple[str, Insertion]]]:
    """Return the text with every entry that it lacks, and each step with the text before it."""
    form, steps = FORMATS[name], []
    for entry in ENTRIES[name]:
        if not form.holds(text, entry):
            steps.append((text, form.insert(text, entry)))
            text = apply_edits(text, steps[-1][1].edits)
    return text, steps


def check_round_trip(name: str, text: str) -> None:
    form = FORMATS[name]
    after, steps = insert_all(name, text)
    assert all(form.holds(after, entry) for entry in ENTRIES[name])
    if name in {"json", "toml"}:
        expected = form.read(text)
        for _, step in steps:
            expected = with_entry(expected, step.entry)
        assert same(form.read(after), expected)
    for _, step in steps:
        assert all(len(edit.span) == 0 for edit in step.edits)
    left = after
    for before, step in reversed(steps):
        left = form.remove(left, step.entry, step.made)
        assert same(form.read(left), form.read(before))
    assert insert_all(name, after) == (after, [])


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_an_entry_is_added_and_removed_and_the_rest_stays(name: str, text: str) -> None:
    check_round_trip(name, text)


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts]
)
def test_a_text_that_cannot_take_an_entry_is_refused_with_a_reason(name: str, text: str) -> None:
    with pytest.raises(RewriteRefused, match=r".+\.$"):
        FORMATS[name].insert(text, ENTRIES[name][0])


@pytest.mark.parametrize("name", ["json", "toml", "lines"])
def test_the_formats_own_parser_reads_the_same(name: str) -> None:
    strict = [
        text
        for text in TEXTS[name]
        if text.strip() and "//" not in text and ",]" not in text and "/*" not in text
    ]
    assert strict
    for text in strict:
        after, _ = insert_all(name, text)
        assert same(FORMATS[name].read(after), ORACLES[name](after.removeprefix("\ufeff")))


def test_a_users_own_lines_have_the_last_word() -> None:
    after, _ = insert_all("lines", "!.env\n")
    assert after.splitlines()[-1] == "!.env"


def test_layout_is_kept() -> None:
    after, _ = insert_all("json", '{\n\t"hooks": {\n\t\t"Pre": [\n\t\t\t"x" // why\n\t\t]\n\t}\n}\n')
    assert '\n\t\t\t"x", // why\n\t\t\t{\n\t\t\t\t"matcher": "*",\n' in after
    assert after.endswith('\n\t"sandbox": {\n\t\t"strict": true\n\t}\n}\n')


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
LISTS = st.dictionaries(st.sampled_from(["Pre", "Post", "deny", "x"]), st.lists(DATA, max_size=3), max_size=3)
SETTINGS = st.builds(
    lambda free, ours: {**free, **ours},
    st.dictionaries(st.text(max_size=5), DATA, max_size=3),
    st.fixed_dictionaries({}, optional={"hooks": LISTS, "permissions": LISTS, "sandbox": LISTS}),
)


@settings(max_examples=40, deadline=None)
@given(SETTINGS, st.sampled_from([None, 0, 1, 2, "\t"]), st.booleans(), st.booleans())
def test_any_json_settings_survive(
    data: dict[str, Any], indent: Any, windows: bool, ascii_only: bool
) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)
    text = text.replace("\n", "\r\n") if windows else text
    after, steps = insert_all("json", text)
    expected: object = data
    for _, step in steps:
        expected = with_entry(expected, step.entry)
    assert same(json.loads(after), json.loads(json.dumps(expected)))
    check_round_trip("json", text)


COMMENTS = st.sampled_from(["", "", " ", "/* a , } ] */", '// b "{[,\n', "\n", "/**/\n"])


@settings(max_examples=40, deadline=None)
@given(SETTINGS, st.lists(COMMENTS, min_size=1, max_size=20))
def test_any_comments_survive(data: dict[str, Any], comments: list[str]) -> None:
    """Comments go between the tokens of JSON; every one is still there, in its order."""
    pieces = list(json.JSONEncoder(separators=(",", ":")).iterencode(data))
    text = "".join(piece + comments[index % len(comments)] for index, piece in enumerate(pieces))
    after, _ = insert_all("json", text)
    rest = iter(after)
    assert all(character in rest for character in text), "something of the user's is gone"
    check_round_trip("json", text)


TOML_VALUES = (
    st.booleans() | st.integers(-1000, 1000) | st.text(st.characters(categories=["L", "N", "Z"]), max_size=8)
)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,6}", fullmatch=True),
        TOML_VALUES | st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), TOML_VALUES, max_size=3),
        max_size=5,
    )
)
def test_any_toml_settings_survive(data: dict[str, Any]) -> None:
    data.pop("hooks", None)
    if not isinstance(data.get("shell", {}), dict):
        del data["shell"]
    data.get("shell", {}).pop("ignore", None)
    text = tomlkit.dumps(data)
    after, _ = insert_all("toml", text)
    expected: object = data
    for entry in ENTRIES["toml"]:
        expected = with_entry(expected, entry)
    assert same(tomllib.loads(after), expected)
    check_round_trip("toml", text)


def test_the_last_parse_is_kept_for_a_block_and_not_longer() -> None:
    """Settings may contain tokens, and the language server reads them too."""

    def parses() -> int:
        gc.collect()
        return sum(type(one).__name__ == "_Document" for one in gc.get_objects())

    with last_parse_kept():
        for text in ('{"a": 1}', '{"a": 2}', '{"a": 2}'):
            FORMATS["json"].read(text)
        assert parses() == 1
    assert parses() == 0
    FORMATS["json"].read('{"a": 3}')
    assert parses() == 0
