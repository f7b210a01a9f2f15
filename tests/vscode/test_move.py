"""Finding, moving and pasting tokens in a real VS Code, with a real keyring, and with a server that is killed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

import tokens
from code_server import CodeServer
from workbench import Workbench, wait_for_file

PROGRAM = """\
import json
import sys
from urllib.request import Request, urlopen

GITHUB_TOKEN = "{}"


def open_issues(repository: str) -> list[str]:
    url = f"https://api.github.com/repos/{{repository}}/issues"
    request = Request(url, headers={{"Authorization": f"Bearer {{GITHUB_TOKEN}}"}})
    with urlopen(request) as answer:
        return [issue["title"] for issue in json.load(answer)]


for title in open_issues(sys.argv[1]):
    print(title)
"""


def test_a_token_in_code_is_marked_explained_moved_and_brought_back_by_undo(
    window: Workbench, folder: Path, stored: Callable[[str], str]
) -> None:
    """One light bulb moves it; the file and the keyring are right on disk, and undo is one step."""
    token, app, env_file = tokens.github("code"), folder / "app.py", folder / ".env"
    app.write_text(PROGRAM.format(token), "utf-8")
    window.open_folder(folder)
    window.open_file("app.py")
    said = window.hover(window.marks(1), "GitHub token in plain text: long-lived, works anywhere.")
    assert token not in said
    window.light_bulb(window.marks(1), "Move this GitHub token", picture="warning")
    told = f"Moved the GitHub token to the keyring as keyring://{folder.name}/GITHUB_TOKEN"
    expect(window.notification(told).get_by_role("button", name="How to Run")).to_be_visible()
    window.marks(0)
    window.press_in_notification(told, "Save All")
    wait_for_file(env_file, f"GITHUB_TOKEN=keyring://{folder.name}/GITHUB_TOKEN\n")
    moved = PROGRAM.format(token).replace(f'"{token}"', 'os.environ["GITHUB_TOKEN"]')
    wait_for_file(app, f"import os\n{moved}")
    expect(window.page.locator(".tab.dirty")).to_have_count(0)
    assert stored("GITHUB_TOKEN") == token
    window.open_file("app.py")
    window.press("Control+Z")
    window.marks(1)
    window.save(app, PROGRAM.format(token))


def test_a_token_in_an_environment_file_becomes_a_reference(
    window: Workbench, folder: Path, stored: Callable[[str], str]
) -> None:
    """Only the text after the equals sign is replaced."""
    token, env_file = tokens.gitlab("env"), folder / ".env"
    env_file.write_text(f"# mine\nDEBUG=1\nGITLAB_TOKEN={token}\n", "utf-8")
    window.open_folder(folder)
    window.open_file(".env")
    window.quick_fix(window.marks(1), "Move this GitLab token")
    window.notification("Moved the GitLab token")
    window.save(env_file, f"# mine\nDEBUG=1\nGITLAB_TOKEN=keyring://{folder.name}/GITLAB_TOKEN\n")
    assert stored("GITLAB_TOKEN") == token


def test_a_token_in_a_cell_of_a_notebook_moves(
    window: Workbench, folder: Path, stored: Callable[[str], str]
) -> None:
    """A cell is marked and fixed like a file, and the notebook stays valid."""
    token, place = tokens.github("cell"), folder / "study.ipynb"
    place.write_text(notebook(["# Study"], [f'STUDY_TOKEN = "{token}"\n', "len(STUDY_TOKEN)"]), "utf-8")
    window.open_folder(folder)
    window.open_file("study.ipynb")
    window.quick_fix(window.marks(1), "Move this GitHub token")
    window.notification("Moved the GitHub token")
    window.marks(0)
    code = 'import os\nSTUDY_TOKEN = os.environ["STUDY_TOKEN"]\nlen(STUDY_TOKEN)'
    window.save(place, code, code_in)
    assert stored("STUDY_TOKEN") == token


def notebook(text: list[str], code: list[str]) -> str:
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": code,
            "outputs": [],
            "execution_count": None,
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def code_in(place: Path) -> str:
    try:
        return "".join(json.loads(place.read_text("utf-8"))["cells"][1]["source"])
    except json.JSONDecodeError:  # it is being written
        return ""


def test_a_step_that_a_move_leaves_is_done_by_a_button(
    window: Workbench, folder: Path, environment: dict[str, str]
) -> None:
    """The commands are shown first; afterwards, git asks Tokenward for the password of that host alone."""
    (folder / ".git-credentials").write_text(f"https://ada:{tokens.npm('git')}@git.example.com\n", "utf-8")
    window.open_folder(folder)
    window.open_file(".git-credentials")
    window.quick_fix(window.marks(1), "Move this npm token")
    window.press_in_notification("Moved the npm token", "Finish")
    command = "git config --global --add credential.https://git.example.com.helper tokenward"
    window.question(command, "Finish")
    window.notification("Done: 1 step.")
    window.save(
        folder / ".git-credentials", f"# https://ada:keyring://{folder.name}/NPM_TOKEN@git.example.com\n"
    )
    asks = ["git", "config", "--global", "--get-all", "credential.https://git.example.com.helper"]
    assert subprocess.check_output(asks, env=environment, encoding="utf-8").split() == ["tokenward"]


def test_a_pasted_token_is_exchanged_for_a_reference_before_it_reaches_the_disk(
    window: Workbench, folder: Path, stored: Callable[[str], str]
) -> None:
    """Ctrl+V pastes the copied text as usual, with the other way to paste beside it."""
    token = tokens.github("pasted")
    (folder / ".env").unlink(missing_ok=True)
    (folder / "app.py").write_text("CI_TOKEN = ", "utf-8")
    window.open_folder(folder)
    window.open_file("app.py")
    window.status("No exposed tokens")
    window.press("Control+End")
    window.copy(f'"{token}"')
    window.press("Control+V")
    window.marks(1)
    window.paste_option("Paste as keyring reference CI_TOKEN")
    window.is_pasted_as_a_reference(folder, "CI_TOKEN")
    assert stored("CI_TOKEN") == token


def test_a_server_that_is_killed_comes_back_until_it_was_killed_too_often(
    window: Workbench, folder: Path, editor: CodeServer
) -> None:
    """Warnings come back with it; in the end a message says that it stays off, and offers to start it."""
    app, line = folder / "app.py", f'TOKEN = "{tokens.github("killed")}"\n'
    app.write_text(line, "utf-8")
    window.open_folder(folder)
    window.open_file("app.py")
    for count in range(1, 6):
        window.marks(count)
        editor.children("server")[-1].kill()
        # Only a new server marks a further line.
        app.write_text(line * (count + 1), "utf-8")
    window.notification("keeps stopping unexpectedly")
    window.marks(0)
    window.press_in_notification("keeps stopping unexpectedly", "Restart Server")
    window.marks(6)
