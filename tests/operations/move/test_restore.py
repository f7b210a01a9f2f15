"""restore(move(file)) == file, on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from desk import Desk
from tokenward.errors import EntryMissing, RewriteRefused, TokenwardError, WorkspaceElsewhere
from tokenward.operations.move.restore import restore

TOKEN = tokens.github("restore")
MOVABLE = {
    "app.py": "import os\r\n\r\nGITHUB_TOKEN = \"{0}\"  # bytes: \u00fc\r\nNPM = ('{1}')\r\n",
    "plain.py": '"""Doc."""\nkey = "{0}"\n',
    ".env": "# one\nexport GITHUB_TOKEN='{0}'\nNPM_TOKEN={1}",
    "c.json": '{{\n\t"a": "{0}", "b": ["{1}"]}}',
    "c.yaml": "a: '{0}'\nb: {1} # c\n",
    "c.toml": "a = '{0}'\nb = \"{1}\"\n",
    "run.sh": "export GITHUB_TOKEN={0}\ncurl -H 'X: {1}' x\n",
    "app.ts": "const t = '{0}';\nconst n = `{1}`;\n",
}


def move_all(desk: Desk, path: Path) -> int:
    """Move every token out of a file and return their number."""
    moved = 0
    while desk.findings(desk.disk.read(path)):  # type: ignore[arg-type]
        desk.move_on_disk(path)
        moved += 1
    return moved


def restore_all(desk: Desk, path: Path, name: str | None = None) -> list[str]:
    return [r.name for r in restore(desk.context, desk.folder, path, desk.disk, name)]


@pytest.mark.parametrize("name", MOVABLE)
def test_a_restored_file_is_the_file_byte_for_byte(desk: Desk, name: str) -> None:
    path = desk.folder / name
    content = MOVABLE[name].format(TOKEN, tokens.npm()).encode() + b"\xff"
    path.write_bytes(content if name.endswith((".py", ".env", ".sh")) else content[:-1])
    before = path.read_bytes()
    count = move_all(desk, path)
    assert count == (2 if "{1}" in MOVABLE[name] else 1)
    assert TOKEN.encode() not in path.read_bytes()
    assert len(restore_all(desk, path)) == count
    assert path.read_bytes() == before


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=st.text(st.sampled_from("ab#'\" \n\r\t\u00fc\ufeff\u2028=\x0c"), max_size=30),
    quote=st.sampled_from(["", "'", '"', "`"]),
    after=st.sampled_from(["", "\n", "\r\n", " # c\n", "\nB=2\n"]),
)
def test_what_a_move_accepts_a_restore_gives_back(desk: Desk, before: str, quote: str, after: str) -> None:
    path = desk.folder / ".env"
    content = f"{before}\nGITHUB_TOKEN={quote}{TOKEN}{quote}{after}".encode()
    path.write_bytes(content)
    try:
        desk.move_on_disk(path)
    except TokenwardError:
        assert path.read_bytes() == content
        return
    assert TOKEN.encode() not in path.read_bytes()
    restore_all(desk, path)
    assert path.read_bytes() == content


def test_code_and_a_token_that_was_moved_along_in_the_environment_file_are_each_restored(desk: Desk) -> None:
    app, env = desk.folder / "app.py", desk.folder / ".env"
    app.write_text(f'import os\nGITHUB_TOKEN = "{TOKEN}"\n')
    env.write_text(f"A=1\nGITHUB_TOKEN='{TOKEN}'\n")
    before = app.read_bytes(), env.read_bytes()
    desk.move_on_disk(app)
    assert TOKEN not in app.read_text() + env.read_text()
    assert restore_all(desk, app) == ["GITHUB_TOKEN"]
    assert app.read_bytes() == before[0]
    assert restore_all(desk, env) == ["GITHUB_TOKEN"]
    assert env.read_bytes() == before[1]


def test_the_line_that_a_move_added_stays_for_other_code(desk: Desk) -> None:
    app, env = desk.folder / "app.py", desk.folder / ".env"
    app.write_text(f'import os\nGITHUB_TOKEN = "{TOKEN}"\n')
    env.write_text("A=1\n")
    desk.move_on_disk(app)
    restore_all(desk, app)
    assert env.read_text() == "A=1\nGITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"


def test_one_name_is_restored_and_the_others_stay(desk: Desk) -> None:
    path = desk.folder / ".env"
    path.write_text(f"GITHUB_TOKEN={TOKEN}\nNPM_TOKEN={tokens.npm()}\n")
    move_all(desk, path)
    assert restore_all(desk, path, "GITHUB_TOKEN") == ["GITHUB_TOKEN"]
    assert path.read_text() == f"GITHUB_TOKEN={TOKEN}\nNPM_TOKEN=keyring://acme-api/NPM_TOKEN\n"


def test_a_file_that_was_edited_since_gets_its_values_where_the_references_stand(desk: Desk) -> None:
    path = desk.folder / "c.json"
    path.write_text(f'{{"github_token": "{TOKEN}"}}')
    move_all(desk, path)
    path.write_text(path.read_text().replace("{", '{\n  "new": 1,\n  '))
    restore_all(desk, path)
    assert path.read_text() == f'{{\n  "new": 1,\n  "github_token": "{TOKEN}"}}'


def test_one_move_that_cannot_be_restored_does_not_hold_up_the_others(desk: Desk) -> None:
    path = desk.folder / ".env"
    path.write_text(f"GITHUB_TOKEN={TOKEN}\nNPM_TOKEN={tokens.npm()}\n")
    move_all(desk, path)
    path.write_text("GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n")
    done: list[str] = []
    with pytest.raises(RewriteRefused, match="NPM_TOKEN"):
        done.extend(r.name for r in restore(desk.context, desk.folder, path, desk.disk, None))
    assert path.read_text() == f"GITHUB_TOKEN={TOKEN}\n"


def test_a_restore_is_done_once(desk: Desk) -> None:
    path = desk.folder / ".env"
    path.write_text(f"GITHUB_TOKEN={TOKEN}\n")
    move_all(desk, path)
    restore_all(desk, path)
    with pytest.raises(EntryMissing, match="No move out of"):
        restore_all(desk, path)


def test_a_file_that_nothing_was_moved_out_of_is_left_alone(desk: Desk) -> None:
    path = desk.folder / "c.json"
    path.write_text('{"a": "keyring://acme-api/GITHUB_TOKEN"}')
    with pytest.raises(EntryMissing):
        restore_all(desk, path)
    with pytest.raises(RewriteRefused, match="does not exist"):
        restore_all(desk, desk.folder / "gone.json")


def test_another_folder_gets_no_value_even_for_a_file_that_was_moved(desk: Desk, tmp_path: Path) -> None:
    path = desk.folder / ".env"
    path.write_text(f"GITHUB_TOKEN={TOKEN}\n")
    move_all(desk, path)
    desk.folder = tmp_path
    with pytest.raises(WorkspaceElsewhere):
        restore_all(desk, path)
    assert TOKEN not in path.read_text()


def test_an_entry_that_is_gone_restores_nothing(desk: Desk) -> None:
    path = desk.folder / ".env"
    path.write_text(f"GITHUB_TOKEN={TOKEN}\n")
    move_all(desk, path)
    before = path.read_text()
    desk.vault._entries.clear()
    with pytest.raises(EntryMissing, match="keyring://acme-api/GITHUB_TOKEN"):
        restore_all(desk, path)
    assert path.read_text() == before
