from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.cli.app import load_verb
from tokenward.cli.direct import GRAMMARS, direct_work, read_words

WORDS = st.sampled_from(
    [
        *(option for grammar in GRAMMARS.values() for option in (*grammar.flags, *grammar.lists)),
        *("--only=A,B", "--env-file=x.env", "--file=a=b", "-fx", "-yc", "-f=x", "--help", "-h", "--maskk"),
        *("--format=json", "json", "lines", "odd"),
        *("--", "-", "", "true", "TOKEN", "A=b", "-x", "--x=y", "--mask=1", "run", "--only="),
    ]
)


DEFAULTS: dict[str, dict[str, Any]] = {
    "run": {"no_env_file": False, "home": False},
    "get": {"clip": False, "yes": False},
    "scan": {
        **dict.fromkeys(["staged", "history", "stdin", "watch"], False),
        "cache": True,
        "format_": "human",
    },
}


def by_toolkit(verb: str, words: list[str]) -> dict[str, Any]:
    with load_verb(verb).make_context(verb, [*words]) as context:
        lists = {
            name: [*map(str, one)] for name, one in context.params.items() if isinstance(one, tuple | list)
        }
        given = {**context.params, **lists}
        return {name: value for name, value in given.items() if value not in (None, [], "")}


@pytest.mark.parametrize(("verb", "argument"), [("run", "command"), ("get", "name"), ("scan", "paths")])
@given(words=st.lists(WORDS, max_size=6))
def test_a_command_line_that_is_read_directly_means_the_same_to_the_toolkit(
    verb: str, argument: str, words: list[str]
) -> None:
    found = read_words(GRAMMARS[verb], words)
    if found is None or direct_work([verb, *words]) is None:
        return
    given, others = found
    shown = {name: value for name, value in given.items() if value != []}
    if formats := shown.pop("formats", None):
        shown["format_"] = formats[-1]
    shown = {**DEFAULTS[verb], **shown}
    shown[argument] = others[0] if verb == "get" else others
    shown = {name: value for name, value in shown.items() if value != []}
    assert shown == by_toolkit(verb, words)


@pytest.mark.parametrize(
    ("line", "is_direct"),
    [
        ("run true", True),
        ("run -- true", True),
        ("run -f a.env --only A,B --mask -- true --help", True),
        ("run --file a=b true", True),
        ("get TOKEN", True),
        ("get -c TOKEN", True),
        ("get TOKEN --yes", True),
        ("credential aws ID keyring://a/B", True),
        ("credential kubectl keyring://a/B", True),
        ("run", False),
        ("run --help", False),
        ("run --env-file", False),
        ("get", False),
        ("get A B", False),
        ("get --what TOKEN", False),
        ("credential list", False),
        ("credential aws", False),
        ("credential aws --help", False),
        ("scan", True),
        ("scan --staged", True),
        ("scan --no-cache a.py -- b.py", True),
        ("scan --format json a.py", True),
        ("scan --format odd a.py", False),
        ("scan --history", False),
        ("", False),
    ],
)
def test_only_usual_command_lines_are_read_directly(line: str, is_direct: bool) -> None:
    assert (direct_work(line.split()) is not None) is is_direct
