from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml

from rewriting.code.test_python import evaluated
from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move
from tokenward.errors import RewriteRefused
from tokenward.model import Reference, Secret
from tokenward.rewriting.edits import apply_edits
from tokenward.rewriting.env_file import parse_env
from tokenward.rewriting.restore import plan_restore
from tokenward.rewriting.rewrite import find_references
from tokenward.rewriting.undo import UndoStep


def restored(language: str, text: str, undo: tuple[UndoStep, ...] = (), value: str = TOKEN) -> str:
    return apply_edits(text, plan_restore(text, LANGUAGE[language], undo, REFERENCE, Secret(value)))


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("python", 'k = "T0K"\n', 'import os\nk = "T0K"\n'),
        ("python", "k = 'a T0K'\n", "import os\nk = ('a ' + \"T0K\")\n"),
        ("javascript", "k = 'T0K'\n", 'k = "T0K"\n'),
        ("shell", "k='T0K'\n", 'k="T0K"\n'),
        ("yaml", "k: 'T0K'\n", "k: 'T0K'\n"),
    ],
)
def test_a_file_edited_since_is_restored_by_its_lookups(language: str, before: str, after: str) -> None:
    moved, rewrite = move(language, filled(before))
    edited = f"# new\n{moved}" if language != "javascript" else f"// new\n{moved}"
    expected = filled(edited[: len(edited) - len(moved)] + after)
    assert restored(language, edited, rewrite.undo) == expected


def test_an_import_that_is_needed_since_stays() -> None:
    moved, rewrite = move("python", filled('k = "T0K"\n'))
    assert restored("python", moved + "print(os.sep)\n", rewrite.undo) == filled(
        'import os\nk = "T0K"\nprint(os.sep)\n'
    )


def _printed(command: list[str], script: str) -> str:
    return subprocess.run([*command, script], capture_output=True, check=True).stdout.decode()


VALUES: dict[str, Callable[[str], Any]] = {
    "json": lambda text: json.loads(text)["a"],
    "yaml": lambda text: yaml.safe_load(text)["a"],
    "toml": lambda text: tomllib.loads(text)["a"],
    "dotenv": lambda text: parse_env(text)[0].value,
    "python": lambda text: evaluated(text.replace("k =", "v ="))["v"],
    "javascript": lambda text: _printed(["node", "-e"], f"{text};process.stdout.write(k)"),
    "shell": lambda text: _printed(["bash", "-c"], f'{text}printf %s "$k"'),
}


@pytest.mark.parametrize(
    "value", ['a"b\\c', "a\nb", "a'b", "é😀", "a\\n", "a\t#b ", "${x}`y`", "key: [x]", "#x"]
)
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("json", '{"a": "T0K"}'),
        ("yaml", "a: T0K\n"),
        ("yaml", 'a: "T0K"\n'),
        ("toml", 'a = "T0K"\n'),
        ("dotenv", "A=T0K\n"),
        ("dotenv", 'A="T0K"\n'),
        ("python", "k = 'T0K'\n"),
        ("javascript", "k = 'T0K'\n"),
        ("shell", 'k="T0K"\n'),
    ],
)
def test_a_value_that_changed_meanwhile_is_written_so_that_it_reads_the_same(
    language: str, text: str, value: str
) -> None:
    moved, rewrite = move(language, filled(text))
    assert VALUES[language](restored(language, moved, rewrite.undo, value)) == value
    assert VALUES[language](restored(language, moved, (), value)) == value


@pytest.mark.parametrize(
    "text", ["k = 1\n", "k = f'{x}'\n", 'k = "process.env.API_KEY"\n', "k = \"os.environ['API_KEY']\"\n"]
)
def test_a_file_without_the_reference_is_left_alone(text: str) -> None:
    with pytest.raises(RewriteRefused, match=r"keyring://acme/API_KEY"):
        restored("python", text)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"offset": 0},
        {"offset": -1, "inserted": "x", "spelling": {"codec": "plain", "newline": "\n"}},
        {"offset": "0", "inserted": "x", "spelling": {"codec": "plain", "newline": "\n"}},
        {"offset": 0, "inserted": "x", "before": "rm -rf", "spelling": {"codec": "plain", "newline": "\n"}},
        {"offset": 0, "inserted": "x", "spelling": {"codec": "other", "newline": "\n"}},
        {"offset": 0, "inserted": "x", "spelling": {"codec": "plain", "newline": "; x"}},
        {"offset": 0, "inserted": "x", "spelling": 1},
        {"offset": 0, "inserted": "x", "more": 1, "spelling": {"codec": "plain", "newline": "\n"}},
    ],
)
def test_a_record_that_was_tampered_with_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(RewriteRefused, match="record"):
        UndoStep.from_json(record)


def test_a_record_survives_json() -> None:
    _, rewrite = move("python", filled('k = rb"""T0K"""\n'))
    assert [UndoStep.from_json(json.loads(json.dumps(step.to_json()))) for step in rewrite.undo] == list(
        rewrite.undo
    )


def test_a_record_that_would_break_the_file_is_not_followed() -> None:
    moved, rewrite = move("json", filled('{"a": "T0K"}'))
    hostile = tuple(replace(step, before='"', after='"') for step in rewrite.undo)
    assert restored("json", moved, hostile) == filled('{"a": "T0K"}')


def test_references_and_lookups_are_found() -> None:
    text = (
        "import os\na = os.environ[\"A\"]\n# keyring://acme/B\nb = \"os.environ['A']\"\nc = os.environ['C']\n"
    )
    found = [known for _, known in find_references(text, LANGUAGE["python"], ["A", "C"])]
    assert found == ["A", Reference("acme", "B"), "C"]


def test_no_plan_shows_a_value() -> None:
    moved, rewrite = move("python", filled('k = "T0K"\n'))
    edits = plan_restore(moved, LANGUAGE["python"], rewrite.undo, REFERENCE, rewrite.value)
    assert TOKEN not in repr((rewrite, edits))
