"""A move out of code: the changes to the workspace's `.env`."""

from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.errors import RewriteRefused, SettingsError, TokenwardError
from tokenward.settings import Settings

TOKEN = tokens.github("environment")
REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
LINE = f"GITHUB_TOKEN={REFERENCE}\n"
CODE = f'import os\nGITHUB_TOKEN = "{TOKEN}"\n'


def moved(desk: Desk, env: str | None, *, name: str | None = None) -> tuple[str, str]:
    """Return the code and the `.env` after moving the token in the code."""
    if env is not None:
        desk.editor.open(desk.folder / ".env", env)
    desk.move(desk.editor.open(desk.folder / "app.py", CODE), name=name)
    return desk.editor.text(desk.folder / "app.py"), desk.editor.text(desk.folder / ".env")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, LINE, id="the file is missing"),
        pytest.param("", LINE, id="it is empty"),
        pytest.param("A=1\r\n", f"A=1\r\n{LINE.rstrip()}\r\n", id="its line ends are kept"),
        pytest.param("A=1", f"A=1\n{LINE}", id="its last line does not end"),
        pytest.param(LINE, LINE, id="it has the line"),
        pytest.param(
            f"GITHUB_TOKEN='{REFERENCE}'\n", f"GITHUB_TOKEN='{REFERENCE}'\n", id="it has it in quotes"
        ),
        pytest.param(
            f"GITHUB_TOKEN='{TOKEN}' # x\n", f"GITHUB_TOKEN='{REFERENCE}' # x\n", id="it has the token"
        ),
        pytest.param(f"GITHUB_TOKEN={TOKEN}\n" * 2, LINE * 2, id="it has the token twice"),
        pytest.param(LINE + f"GITHUB_TOKEN={TOKEN}\n", LINE * 2, id="it has both"),
    ],
)
def test_the_environment_file_names_the_reference(desk: Desk, before: str | None, after: str) -> None:
    code, env = moved(desk, before)
    assert code == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'
    assert env == after
    assert desk.value(REFERENCE) == TOKEN


@pytest.mark.parametrize(
    "taken", ["GITHUB_TOKEN=other", "GITHUB_TOKEN=${OTHER}", f"GITHUB_TOKEN={TOKEN}\nGITHUB_TOKEN=other"]
)
def test_a_key_with_another_value_is_left_alone(desk: Desk, taken: str) -> None:
    code, env = moved(desk, f"{taken}\n")
    assert 'os.environ["APP_GITHUB_TOKEN"]' in code
    assert env == f"{taken}\nAPP_GITHUB_TOKEN=keyring://acme-api/APP_GITHUB_TOKEN\n"


@pytest.mark.parametrize(
    "taken", ["CHOSEN=other", f"CHOSEN={TOKEN}\nCHOSEN=other", "CHOSEN=keyring://other/CHOSEN"]
)
def test_a_chosen_name_that_the_file_gives_another_value_is_refused(desk: Desk, taken: str) -> None:
    with pytest.raises(RewriteRefused, match="CHOSEN"):
        moved(desk, f"{taken}\n", name="CHOSEN")
    assert desk.editor.text(desk.folder / "app.py") == CODE
    assert desk.value("keyring://acme-api/CHOSEN") is None


def test_a_second_file_with_the_same_token_shares_the_line_and_the_entry(desk: Desk) -> None:
    moved(desk, None)
    second = desk.folder / "b.py"
    desk.move(desk.editor.open(second, CODE))
    assert desk.editor.text(second) == 'import os\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'
    assert desk.editor.text(desk.folder / ".env") == LINE
    assert len(desk.context.entries.all()) == 1


def test_the_code_is_edited_last(desk: Desk) -> None:
    """An editor that stops halfway has added a line and lost no token."""
    order: list[str] = []
    show = desk.editor.show
    desk.editor.show = lambda source: order.append(source.name or source.origin.uri) or show(source)  # type: ignore[method-assign]
    moved(desk, "A=1\n")
    assert order[-2:] == [".env", "app.py"]


def test_an_environment_file_that_leads_out_of_the_workspace_is_refused(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("A=1\n")
    (desk.folder / ".env").symlink_to(outside)
    (desk.folder / "app.py").write_text(CODE)
    with pytest.raises(SettingsError, match="leads out"):
        desk.move_on_disk(desk.folder / "app.py")
    assert outside.read_text() == "A=1\n"
    assert (desk.folder / "app.py").read_text() == CODE


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_an_environment_file_that_is_no_file_is_refused(desk: Desk, kind: str) -> None:
    import os  # noqa: PLC0415

    env = desk.folder / ".env"
    env.mkdir() if kind == "folder" else os.mkfifo(env)
    (desk.folder / "app.py").write_text(CODE)
    with pytest.raises(TokenwardError, match=r"\.env"):
        desk.move_on_disk(desk.folder / "app.py")
    assert (desk.folder / "app.py").read_text() == CODE
    assert desk.value(REFERENCE) is None


def test_the_settings_say_which_file_it_is(desk: Desk) -> None:
    desk.settings = Settings(env_file="config/dev.env")
    desk.editor.open(desk.folder / "config" / "dev.env", "A=1\n")
    desk.move(desk.editor.open(desk.folder / "app.py", CODE))
    assert desk.editor.text(desk.folder / "config" / "dev.env") == f"A=1\n{LINE}"
