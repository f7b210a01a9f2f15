"""Each language has every text, with the same names and the same code in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tokenward
from tokenward.presentation.language import TABLES, said, speak, table

_FIXED = re.compile(r"\{\w+\}|`[^`]*`")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    speak(None)


def texts() -> set[str]:
    """Return every text that goes through `said` or `phrase`."""
    files = Path(tokenward.__file__).parent.rglob("*.py")
    calls = (node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    return {
        node.args[0].value
        for node in calls
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("said", "phrase")
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


@pytest.mark.parametrize("language", TABLES)
def test_a_language_has_every_text_and_no_other(language: str) -> None:
    assert table(TABLES[language]).keys() == texts()


@pytest.mark.parametrize("language", TABLES)
def test_a_text_has_the_same_names_and_code_in_every_language(language: str) -> None:
    for english, text in table(TABLES[language]).items():
        assert set(_FIXED.findall(text)) == set(_FIXED.findall(english)), english
        assert text != "", english


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
