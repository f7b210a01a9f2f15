"""`tokenward leave` and `restore` put back every place that a move has on record, and no other place gains a token."""

from __future__ import annotations

from pathlib import Path

import pytest

import git_tree
import tokens
from cli_shell import Shell

pytestmark = pytest.mark.slow

TERRAFORM = f"""terraform {{
  required_version = ">= 1.5"
}}

variable "github_token" {{
  type    = string
  default = "{tokens.github(1)}"
}}

provider "github" {{
  token = var.github_token
}}

provider "cloudflare" {{
  api_token = "{tokens.random_text("cloudflare", 40)}"
}}

provider "datadog" {{
  api_key = "{tokens.random_text("datadog", 32)}"
}}

resource "aws_db_instance" "main" {{
  username = "app"
  password = "{tokens.random_text("database", 24)}"
}}

resource "github_actions_secret" "npm" {{
  secret_name     = "NPM_TOKEN"
  plaintext_value = "{tokens.npm()}"
}}

resource "datadog_user" "other" {{
  password = "{tokens.random_text("other", 24)}"
}}
"""
DOTNET = {
    "Api/Api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">\n</Project>\n',
    "Api/Program.cs": f'var github = "{tokens.github(1)}";\n',
    "Api/Client.cs": 'var other = Environment.GetEnvironmentVariable("GITHUB_TOKEN");\n',
    "Api/Properties/launchSettings.json": '{"profiles": {"Api": {"environmentVariables": {"GITHUB_TOKEN": "'
    + tokens.github(2)
    + '"}}}}\n',
}
RUST = {
    "Cargo.toml": '[package]\nname = "app"\nversion = "0.1.0"\n',
    "src/main.rs": 'fn main() {\n    println!("{}", std::env::var("HF_TOKEN").unwrap());\n}\n',
    ".cargo/config.toml": f'[env]\nHF_TOKEN = "{tokens.random_text("hugging", 34, prefix="hf_")}"\n',
    ".env": "PORT=80\n",
}
OPERATIONS = {
    "justfile": f'export PGPASSWORD := "{tokens.random_text("pg", 24)}"\n\nbackup:\n    ./backup.sh\n',
    "backup.sh": f'#!/bin/sh\nexport GITLAB_TOKEN={tokens.gitlab()}\necho "$PGPASSWORD $GITLAB_TOKEN"\n',
    "other.sh": '#!/bin/sh\necho "$GITLAB_TOKEN"\n',
    ".env": "PORT=80",
}
PYTHON = {"app.py": f'import os\n\nGITHUB_TOKEN = "{tokens.github(1)}"\n', ".env": "A=1\r\n"}
PROJECTS = {"terraform": {"main.tf": TERRAFORM}, "dotnet": DOTNET, "rust": RUST, "operations": OPERATIONS}
PROJECTS |= {"python": PYTHON, "crlf": {"main.tf": TERRAFORM.replace("\n", "\r\n")}}


def plant(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def contents(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, shell: Shell) -> tuple[Shell, dict[str, str]]:
    """A project whose tokens were moved, and its files before that."""
    files = PROJECTS[request.param]
    return moved(shell, files), files


def moved(shell: Shell, files: dict[str, str]) -> Shell:
    git_tree.repository(shell.folder)
    plant(shell.folder, files)
    done = shell("move", ".", "--yes")
    assert done.code == 0, done.err
    assert all(" stays" not in line for line in done.err.splitlines()), done.err
    return shell


def left(shell: Shell, name: str) -> str:
    return (shell.folder / name).read_bytes().decode()


def test_every_file_is_as_before_and_none_is_added(project: tuple[Shell, dict[str, str]]) -> None:
    """Whatever else looks the variables up."""
    shell, files = project
    assert contents(shell.folder) != files
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert contents(shell.folder) == files


def test_restore_puts_every_place_back_too(project: tuple[Shell, dict[str, str]]) -> None:
    """The environment file keeps its lines, because the keyring keeps the values."""
    shell, files = project
    named = [name for name, text in files.items() if name != ".env" and left(shell, name) != text]
    done = shell("restore", *named)
    assert done.code == 0, done.err
    assert {name: left(shell, name) for name in named} == {name: files[name] for name in named}
    assert shell("leave", "--yes").code == 0
    assert contents(shell.folder) == files


def test_files_that_were_edited_since_get_every_value(project: tuple[Shell, dict[str, str]]) -> None:
    shell, files = project
    for name in files:
        with (shell.folder / name).open("a", newline="") as file:
            file.write("\n" if name.endswith((".json", ".env")) else "\n\n")
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    after = contents(shell.folder)
    assert {name: text.rstrip() for name, text in after.items()} == {
        name: text.rstrip() for name, text in files.items()
    }


def test_a_token_that_was_replaced_since_goes_back_with_its_new_value(
    project: tuple[Shell, dict[str, str]],
) -> None:
    """No file is as before then, as it should be."""
    shell, files = project
    name = next(line for line in left(shell, ".env").splitlines() if "keyring://" in line).partition("=")[0]
    old, new = shell.get(name), tokens.random_text("new", 40)
    done = shell("put", name, "--replace", "--no-env", stdin=new.encode())
    assert done.code == 0, done.err
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert contents(shell.folder) == {file: text.replace(old, new) for file, text in files.items()}


def test_a_value_whose_place_is_gone_stays_in_the_keyring_and_its_line_stays_a_reference(
    shell: Shell,
) -> None:
    moved(shell, PYTHON)
    (shell.folder / "app.py").rename(shell.folder / "main.py")
    environment = left(shell, ".env")
    done = shell("leave", "--yes")
    assert done.code == 2
    assert "keyring://acme-api/GITHUB_TOKEN stays: No file that it was moved out of has it back" in done.err
    assert shell.get("GITHUB_TOKEN") == tokens.github(1)
    assert left(shell, ".env") == environment
    # As the message says.
    plant(shell.folder, {".env": "A=1\r\n", "main.py": PYTHON["app.py"]})
    again = shell("leave", "--yes")
    assert again.code == 0, again.err
    assert contents(shell.folder) == {"main.py": PYTHON["app.py"], ".env": "A=1\r\n"}


def test_the_plan_names_who_looks_up_a_line_that_goes(shell: Shell) -> None:
    moved(shell, PYTHON)
    plant(shell.folder, {"later.js": "console.log(process.env.GITHUB_TOKEN)\n"})
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert "later.js looks up GITHUB_TOKEN, whose line in .env goes" in done.err
    assert contents(shell.folder) == {**PYTHON, "later.js": "console.log(process.env.GITHUB_TOKEN)\n"}


def test_a_line_that_was_there_before_the_moves_stays_with_its_value(shell: Shell) -> None:
    files = {**PYTHON, ".env": f"A=1\nGITHUB_TOKEN={tokens.github(1)}\nB=2"}
    moved(shell, files)
    assert tokens.github(1) not in "".join(contents(shell.folder).values())
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert contents(shell.folder) == files


def test_a_line_for_a_token_that_stayed_in_its_file_goes(shell: Shell) -> None:
    """`move --store-only` leaves the file alone, so nothing but the line is there to undo."""
    files = {"notes.txt": f"token: {tokens.github(1)}\n"}
    git_tree.repository(shell.folder)
    plant(shell.folder, files)
    done = shell("move", "notes.txt", "--store-only")
    assert done.code == 0, done.err
    assert "keyring://" in left(shell, ".env")
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert contents(shell.folder) == files
