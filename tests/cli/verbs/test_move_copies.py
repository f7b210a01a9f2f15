"""`tokenward move` changes a place only for what is there, or because a random value is there again."""

from __future__ import annotations

import random
import string

import git_tree
import tokens
from cli_shell import Shell

WORDS = "spring-boot-demo"
SPRING = {
    "pom.xml": "<project>\n  <artifactId>spring-boot-starter-parent</artifactId>\n</project>\n",
    "src/main/resources/application.yml": f"""spring:
  application:
    name: {WORDS}
  mail:
    host: smtp.example.dev
    username: {WORDS}@example.dev
    from: {WORDS}
jasypt:
  encryptor:
    password: {WORDS}
""",
}
SECRET = "".join(random.Random(8).choices(string.ascii_letters + string.digits, k=32))
PYTHON = f"""import os

HOOK = "https://example.com/hook/{SECRET}/x"
USER = "{SECRET}@example.com"
NAME = "a-{SECRET}"
again = "{SECRET}"
api_secret = "{SECRET}"
"""


def move_all(shell: Shell, files: dict[str, str]) -> str:
    git_tree.repository(shell.folder)
    for name, text in files.items():
        path = shell.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = shell("move", ".", "--yes")
    assert done.code in (0, 2), done.err
    return done.err


def contents(shell: Shell, files: dict[str, str]) -> dict[str, str]:
    return {name: (shell.folder / name).read_text() for name in files}


def test_a_password_of_words_leaves_the_names_that_are_like_it_alone(shell: Shell) -> None:
    path = "src/main/resources/application.yml"
    move_all(shell, SPRING)
    text = contents(shell, SPRING)[path]
    before, password = SPRING[path].rsplit(WORDS, 1)[0], text.rpartition("password: ")[2].strip()
    assert text.startswith(before), text
    assert password in {WORDS, "${JASYPT_ENCRYPTOR_PASSWORD}"}
    if password != WORDS:
        assert shell.get("JASYPT_ENCRYPTOR_PASSWORD") == WORDS
        assert shell("leave", "--yes").code == 0
    assert contents(shell, SPRING) == SPRING


def test_a_random_value_goes_from_each_place_of_its_own_under_the_name_that_told_it(shell: Shell) -> None:
    """It stays where it is a part of something else."""
    move_all(shell, {"app.py": PYTHON})
    text = (shell.folder / "app.py").read_text()
    look_up = 'os.environ["API_SECRET"]'
    assert text == PYTHON.replace(f'"{SECRET}"', look_up)
    assert shell.get("API_SECRET") == SECRET
    assert shell("leave", "--yes").code == 0
    assert (shell.folder / "app.py").read_text() == PYTHON
    assert not (shell.folder / ".env").exists()


def test_a_token_of_a_known_form_goes_from_each_place(shell: Shell) -> None:
    token = tokens.github()
    text = f'import os\n\nURL = "https://{token}@github.com/a/b"\nGITHUB_TOKEN = "{token}"\n'
    move_all(shell, {"app.py": text})
    assert token not in (shell.folder / "app.py").read_text()
    assert shell("leave", "--yes").code == 0
    assert (shell.folder / "app.py").read_text() == text
