"""A token that only its name reveals is moved under that name, and the text with the reference is right."""

from __future__ import annotations

import random
import string

import pytest

from desk import Desk
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.errors import RewriteRefused

VALUE = "".join(random.Random(4).choices(string.ascii_letters + string.digits, k=32))


@pytest.mark.parametrize(
    ("file", "before", "after", "name"),
    [
        (".env", "APP_SECRET={} # why\r\n", "APP_SECRET=keyring://acme-api/APP_SECRET # why\r\n", "APP_SECRET"),
        (
            "pod.yaml",
            'env:\n  - name: DB_PASSWORD\n    value: "{}"\n',
            'env:\n  - name: DB_PASSWORD\n    value: "keyring://acme-api/DB_PASSWORD"\n',
            "DB_PASSWORD",
        ),
        (
            "a.json",
            '{{"body": "{{\\"password\\": \\"{}\\"}}"}}',
            '{{"body": "{{\\"password\\": \\"keyring://acme-api/PASSWORD\\"}}"}}',
            "PASSWORD",
        ),
        (
            "a.py",
            'import os\nx = os.getenv("DB_PASSWORD", "{}")\n',
            'import os\nx = os.environ["DB_PASSWORD"]\n',
            "DB_PASSWORD",
        ),
        (
            "a.py",
            'import os\nif password == "{}": pass\n',
            'import os\nif password == os.environ["PASSWORD"]: pass\n',
            "PASSWORD",
        ),
        ("a.js", 'const x = env.API_KEY || "{}";\n', "const x = env.API_KEY || process.env.API_KEY;\n", "API_KEY"),
        ("a.toml", "password = '''{}'''\n", "password = '''keyring://acme-api/PASSWORD'''\n", "PASSWORD"),
    ],
)  # fmt: skip
def test_a_token_is_moved_under_the_name_of_its_assignment(
    desk: Desk, file: str, before: str, after: str, name: str
) -> None:
    path = desk.folder / file
    source = desk.editor.open(path, before.format(VALUE))
    assert [finding.rule for finding in desk.findings(source)] == [GENERIC]
    moved = desk.move(source)
    assert moved.reference.name == name
    assert desk.editor.text(path) == after.format()
    assert desk.value(str(moved.reference)) == VALUE


def test_a_doubled_quote_is_stored_as_one(desk: Desk) -> None:
    path = desk.folder / "a.yml"
    moved = desk.move(desk.editor.open(path, f"password: '{VALUE}''s'\n"))
    assert desk.editor.text(path) == "password: 'keyring://acme-api/PASSWORD'\n"
    assert desk.value(str(moved.reference)) == f"{VALUE}'s"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.yml", "password: {} and more\n"),
        ("a.json", '{{"password": "{}\\u0026x"}}'),
        ("a.sh", 'PASSWORD="{}$x"\n'),
        ("a.properties", "password = {}\\=x\n"),
        ("a.py", '"""password={}"""\n'),
        ("a.txt", "password: {}\n"),
    ],
)
def test_what_cannot_be_moved_whole_is_refused_in_words(desk: Desk, file: str, text: str) -> None:
    source = desk.editor.open(desk.folder / file, text.format(VALUE))
    with pytest.raises(RewriteRefused):
        desk.move(source)
    assert desk.editor.text(desk.folder / file) == text.format(VALUE)
