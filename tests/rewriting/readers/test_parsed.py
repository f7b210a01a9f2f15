"""Moved samples parse to the same values, once their lookups are replaced."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from rewriting.moving import TOKEN, filled, spans_of
from rewriting.readers import (
    data_tools_samples,
    frameworks_samples,
    overridden_samples,
    packages_samples,
    project_tools_samples,
)
from rewriting.readers.samples import Sample
from tokenward.model import Reference
from tokenward.rewriting.languages import language_of

SAMPLES = (
    *frameworks_samples.SAMPLES,
    *data_tools_samples.SAMPLES,
    *packages_samples.SAMPLES,
    *overridden_samples.SAMPLES,
    *project_tools_samples.SAMPLES,
)


def _jsonc(text: str) -> Any:
    plain = re.sub(r"//[^\n]*|/\*.*?\*/", "", text)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", plain))


def _ini(text: str) -> Any:
    parser = configparser.RawConfigParser(allow_no_value=True)
    parser.read_string(text)
    return {name: dict(section) for name, section in parser.items()}


def _xml(text: str) -> Any:
    return [(one.tag, one.attrib, one.text) for one in ET.fromstring(text).iter()]


PARSERS: dict[str, Callable[[str], Any]] = {
    "ini": _ini,
    "json": json.loads,
    "jsonc": _jsonc,
    "toml": tomllib.loads,
    "xml": _xml,
    "yaml": yaml.safe_load,
}


def _replaced(value: Any, look_ups: list[str], by: str) -> Any:
    if isinstance(value, str):
        for look_up in look_ups:
            value = value.replace(look_up, by)
        return value
    if isinstance(value, dict):
        return {key: _replaced(one, look_ups, by) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(one, look_ups, by) for one in value]
    return value


def _is_parsed(sample: Sample) -> bool:
    """Return whether there is a parser, and the entry is still there after the move, not the command of a helper."""
    language = language_of(f"/w/{sample.path}", None, sample.text, sample.project)
    assert language is not None
    assert language.reader is not None
    disables = any(place.disabled for place in language.reader.places)
    return (
        language.name in PARSERS
        and sample.reader != "npm"
        and not disables
        # A tag or a mapping takes the value's place.
        and not any(place.is_expression for place in language.reader.places)
        and not language.read(filled(sample.text)).asks_helper(spans_of(filled(sample.text)))
    )


@pytest.mark.parametrize(
    "sample", [*filter(_is_parsed, SAMPLES)], ids=lambda sample: f"{sample.reader}: {sample.path}"
)
def test_the_parser_of_a_moved_file_finds_the_look_up_where_the_value_was(sample: Sample) -> None:
    text = filled(sample.text)
    language = language_of(f"/w/{sample.path}", None, text, sample.project)
    assert language is not None
    assert language.reader is not None
    places, reference = language.reader.places, Reference("acme", sample.variable)
    # The longest first, since one may hold another.
    fillings = {place.filling(reference): place for place in places if place.look_up}
    look_ups = sorted(fillings, key=len, reverse=True)
    moved = sample.moved
    if any(place.untouched for place in places):
        quotes = str.maketrans("'\"", "\"'")
        moved = _replaced(moved, [*look_ups, *(one.translate(quotes) for one in look_ups)], TOKEN)
    before, after = (_replaced(PARSERS[language.name](one), [], "") for one in (text, moved))
    is_whole = any(place.whole for filling, place in fillings.items() if filling in sample.moved)
    (stored,) = {one for one in _texts(before) if TOKEN in one} if is_whole else {TOKEN}
    assert _replaced(after, look_ups, stored) == before


@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if re.search(r'(?:"//|// ")\w+" *: *"set by', sample.moved)],
    ids=lambda sample: f"{sample.reader}: {sample.path}",
)
def test_only_the_entry_that_a_variable_replaces_counts_no_more(sample: Sample) -> None:
    parse = _jsonc if sample.path.endswith("jsonc") else json.loads
    assert _without(parse(sample.moved), lambda key, _: key.startswith("//")) == _without(
        parse(filled(sample.text)), lambda _, value: TOKEN in str(value) and isinstance(value, str)
    )


def _without(value: Any, is_gone: Callable[[str, Any], bool]) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, is_gone) for key, one in value.items() if not is_gone(key, one)}
    return [_without(one, is_gone) for one in value] if isinstance(value, list) else value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list | tuple) else []
