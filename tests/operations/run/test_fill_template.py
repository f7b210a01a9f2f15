"""A template's reader gets the values that its references stand for, whatever characters they have."""

from __future__ import annotations

import itertools
import json
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from desk import Desk
from examples import fewer
from tokenward.model import Reference, Secret
from tokenward.operations.access.put import put
from tokenward.operations.run.command_file import fill_template
from tokenward.operations.use import Purpose, Use

TOKEN = tokens.github("template")
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")
USE = Use.own(Purpose.INJECT)
_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def _stored(desk: Desk) -> None:
    put(desk.context, desk.folder, "GITHUB_TOKEN", Secret(TOKEN))


def filled(desk: Desk, name: str, text: str, place: str = "") -> str:
    paths = Path("/w", name), Path("/w", place or name)
    return fill_template(desk.context, desk.folder, paths, text, USE).reveal()


@pytest.mark.parametrize("name", ["conf", "a.py", "a.yaml", "a.json", "broken.toml"])
def test_references_in_a_text_are_replaced_and_nothing_else(desk: Desk, name: str) -> None:
    text = f"a {REFERENCE} keyring://not/a-name {REFERENCE}?x\n"
    assert filled(desk, name, text) == f"a {TOKEN} keyring://not/a-name {TOKEN}?x\n"


def test_a_value_that_looks_like_a_reference_is_not_resolved_again(desk: Desk) -> None:
    put(desk.context, desk.folder, "LOOP", Secret(str(REFERENCE)))
    assert filled(desk, "conf", "keyring://acme-api/LOOP") == str(REFERENCE)


def test_a_key_of_several_lines_keeps_the_indentation_of_its_manifest(desk: Desk) -> None:
    key = tokens.private_key()
    put(desk.context, desk.folder, "KEY", Secret(key))
    text = "kind: Secret\nstringData:\n  key: |\n    keyring://acme-api/KEY\n  other: b\n"
    expected = {"kind": "Secret", "stringData": {"key": f"{key}\n", "other": "b"}}
    assert yaml.safe_load(filled(desk, "secret.yaml", text)) == expected


@pytest.mark.parametrize("names", [("key.json.template",), ("key.tmpl.json",), ("key.tmpl", "key.json")])
def test_the_name_of_the_template_or_of_the_file_says_how_values_are_written(
    desk: Desk, names: tuple[str, ...]
) -> None:
    key = tokens.private_key()
    put(desk.context, desk.folder, "KEY", Secret(key))
    assert json.loads(filled(desk, names[0], '{"key": "keyring://acme-api/KEY"}', *names[1:])) == {"key": key}


@settings(max_examples=fewer(30, long=100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("ab \"'\\\n#:{}$%\té&<>"), min_size=1, max_size=12))
def test_a_reader_gets_the_value_from_between_quotes(desk: Desk, value: str) -> None:
    value = f"v{value}v"
    name = f"ANY_{next(_NUMBERS)}"
    put(desk.context, desk.folder, name, Secret(value))
    assert json.loads(filled(desk, "a.json", f'{{"a": "x keyring://acme-api/{name}"}}')) == {
        "a": f"x {value}"
    }
    assert tomllib.loads(filled(desk, "a.toml", f'a = "keyring://acme-api/{name}"')) == {"a": value}
    assert yaml.safe_load(filled(desk, "a.yml", f'{{a: "keyring://acme-api/{name}"}}')) == {"a": value}
    root = ET.fromstring(
        filled(desk, "a.xml", f"<a b='keyring://acme-api/{name}'>keyring://acme-api/{name}</a>")
    )
    assert (root.get("b"), root.text) == (value, value)
