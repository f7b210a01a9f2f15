"""Each language has every text, with the same names and the same code in it."""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import tokenward
from tokenward import errors
from tokenward.errors import TokenwardError
from tokenward.language import _UNITS, TABLES, counted, listed, said, span, speak, table
from tokenward.presentation.wording import shortly
from tokenward.rewriting.readers.own_settings import LIBRARIES
from tokenward.rewriting.readers.table import READERS

_FIXED = re.compile(r"\{\w+\}|`[^`]*`|\bCOMMANDS\b")


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    yield
    speak(None)


PACKAGE = Path(tokenward.__file__).parent
PROVIDERS = PACKAGE / "detection" / "rules" / "providers.toml"
ERRORS = {
    name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, TokenwardError)
}
SHOWN = [
    *("custody", "lsp", "presentation", "rewriting", "vault"),
    *(f"operations/{name}" for name in ("access", "agents_protection", "files", "ignore", "move", "stored")),
]
SHOWN_ALONE = (
    "detection/engine",
    "operations/origins",
    "operations/recording",
    "operations/run/follow_ups",
    "operations/token_names",
)
"""Where failures come from that an editor shows."""
UNSEEN = {
    # Terminals, agents and log files alone show these.
    *("lsp/client/messages.py", "lsp/client/convert.py", "lsp/run.py", "operations/access/agent_rule.py"),
    *(
        "operations/files/writes_under_way.py",
        "operations/ignore/find_tokens.py",
        "operations/ignore/ignore_file.py",
    ),
    "presentation/assignments.py",
}
ENGLISH = (
    "presentation/reports",
    "presentation/reviews.py",
    "presentation/seen_",
)
"""Pages and output that are in English everywhere."""


@functools.cache
def calls(path: Path) -> list[tuple[str, list[ast.expr]]]:
    """Return the name and the arguments of each call in a module."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    found = [node for node in nodes if isinstance(node, ast.Call) and node.args]
    return [(getattr(node.func, "id", ""), node.args) for node in found]


def modules() -> Iterator[tuple[str, Path]]:
    for path in PACKAGE.rglob("*.py"):
        yield path.relative_to(PACKAGE).as_posix(), path


def failures() -> Iterator[tuple[str, ast.expr]]:
    """Yield the texts of failures that an editor shows, with their modules."""
    for name, path in modules():
        if name not in UNSEEN and name.startswith((*SHOWN, *SHOWN_ALONE)):
            yield from ((name, arguments[0]) for called, arguments in calls(path) if called in ERRORS)


def texts() -> set[str]:
    """Return every text that an editor shows: of calls that look one up, failures, counts and tables."""
    found = {str(one.value) for _, one in failures() if isinstance(one, ast.Constant)}
    for name, path in modules():
        for called, arguments in calls(path):
            constants = [str(one.value) for one in arguments if isinstance(one, ast.Constant)]
            if called in ("said", "phrase", "refuse", "heading", "nothing"):
                found.update(constants[: 1 + (called == "heading")])
            is_seen = name.startswith(("lsp", "presentation", "language")) and not name.startswith(ENGLISH)
            if called == "counted" and is_seen and constants:
                found |= {f"{{count}} {constants[-1]}", f"{{count}} {constants[-1]}s"}
    found |= {place.after for one in READERS for place in one.places}
    found |= {library.place.after for library in LIBRARIES if library.place}
    for facts in tomllib.loads(PROVIDERS.read_text("utf-8")).values():
        found |= {facts.get(name, "") for name in ("lifetime", "scope", "ends")}
    found.discard("")
    units = {noun for _, noun in _UNITS}
    return found | {f"{{count}} {noun}" for noun in units} | {f"{{count}} {noun}s" for noun in units}


def test_a_failure_that_an_editor_shows_names_its_values_in_braces() -> None:
    """A text that is put together before it is looked up would stay in English."""
    assert [name for name, text in failures() if isinstance(text, ast.JoinedStr)] == []


@pytest.mark.parametrize("language", TABLES)
def test_a_language_has_every_text_and_no_other(language: str) -> None:
    assert table(TABLES[language]).keys() == texts()


@pytest.mark.parametrize("language", TABLES)
def test_a_text_has_the_same_names_and_code_in_every_language(language: str) -> None:
    for known, text in table(TABLES[language]).items():
        assert set(_FIXED.findall(text)) == set(_FIXED.findall(known)), known
        assert text != "", known


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("de", "Verschieben"),
        ("de-AT", "Verschieben"),
        ("de_DE.UTF-8", "Verschieben"),
        ("zh-cn", "移动"),
        ("zh-CN", "移动"),
        ("zh", "移动"),
        ("zh-Hans-SG", "移动"),
        ("zh-tw", "Move"),
        ("fr", "Move"),
        ("", "Move"),
        (None, "Move"),
    ],
)
def test_the_language_is_that_of_the_locale_or_english(locale: str | None, expected: str) -> None:
    assert said("Move") == "Move"
    speak(locale)
    assert said("Move") == expected


def test_braces_in_a_value_are_kept() -> None:
    speak("de")
    assert said("Ask {hosts}", hosts="{token}") == "{token} fragen"
    assert said("No such {text}") == "No such {text}"


def test_counts_spans_and_failures_are_in_the_language() -> None:
    speak("de")
    assert (counted(1, "token"), counted(2_000, "token")) == ("1 Token", "2,000 Tokens")
    assert listed(["a", "b", "c"], 2) == "a, b und 1 weitere"
    assert said("expires in {span}", span=span(3 * 86_400)) == "läuft ab in 3 Tagen"
    assert str(errors.TokenGone("{name} is gone.", name="{a}")) == "{a} gibt es nicht mehr."


@pytest.mark.slow
@pytest.mark.parametrize("language", TABLES)
def test_a_step_after_a_move_fits_in_a_title_in_every_language_as_in_english(language: str) -> None:
    for step in {place.after for one in READERS for place in one.places if place.after}:
        speak(None)
        fits = shortly(step) != "finish by hand"
        speak(language)
        assert not fits or shortly(said(step)) != said("finish by hand"), step
