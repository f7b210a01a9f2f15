"""A program gets the token that was moved out of its file in the home folder, in every folder."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from home_files import HOME_FILES, HomeFile

TOKEN = tokens.github("home files")


@pytest.fixture
def home(shell: Shell) -> Path:
    return Path(shell.environment["HOME"])


def started(shell: Shell, tools: Path, file: HomeFile) -> tuple[str, str]:
    """Start a file's command with a stand-in, which writes down what it got; return that, and what was said."""
    program, got = tools / file.command.split()[0], tools / "got"
    tools.mkdir(exist_ok=True)
    read = f'cat "{file.given if file.given[0] == "$" else "$2"}"'
    program.write_text(f"#!/bin/sh\n{f'printenv {file.given}' if file.is_value else read} > {got}\n")
    program.chmod(0o755)
    got.write_text("")
    found = shell.having(PATH=f"{tools}:{shell.environment['PATH']}")
    done = found("run", "--", *file.command.split())
    return got.read_text(), done.err


@pytest.mark.parametrize("file", HOME_FILES, ids=lambda file: file.path)
def test_a_file_of_the_home_folder_is_filled_for_its_program_in_every_folder(
    shell: Shell, home: Path, tmp_path: Path, file: HomeFile
) -> None:
    path = home / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = file.text.replace("T0K", TOKEN)
    path.write_text(text)
    elsewhere = tmp_path / "clone"
    elsewhere.joinpath(".git").mkdir(parents=True)
    # A stranger's variables could send the token to another host.
    elsewhere.joinpath(".env").write_text("STEERED=yes\n")
    there = shell.at(elsewhere)

    moved = there("move", str(path))
    assert moved.code == 0, moved.err
    assert TOKEN not in path.read_text()
    assert f"tokenward run -- {file.command.split()[0]}" in moved.err

    got, said = started(there, tmp_path / "tools", file)
    assert got == (f"{TOKEN}\n" if file.is_value else text), said
    assert "no variables from the environment file" in said
    got, said = started(there, elsewhere / "tools", file)
    assert TOKEN not in got
    assert "a repository can write that program" in said

    restored = there("restore", str(path))
    assert restored.code == 0, restored.err
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("reader", "variable", "is_folder"),
    [
        ("Kaggle", "KAGGLE_CONFIG_DIR", True),
        ("Hugging Face", "HF_TOKEN_PATH", False),
        ("Databricks", "DATABRICKS_CONFIG_FILE", False),
        ("Oracle Cloud", "OCI_CONFIG_FILE", False),
        ("Boto", "BOTO_CONFIG", False),
    ],
)
def test_a_library_gets_its_file_in_any_program_by_a_variable(
    shell: Shell, home: Path, reader: str, variable: str, is_folder: bool
) -> None:
    file = next(one for one in HOME_FILES if one.reader == reader)
    path = home / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file.text.replace("T0K", TOKEN))
    assert shell("move", str(path)).code == 0
    read = f'cat "${variable}{f"/{path.name}" if is_folder else ""}"'
    named = {variable: str(path.parent if is_folder else path)}
    done = shell.having(**named)("run", "--no-mask", "--", "sh", "-c", read)
    assert done.text == file.text.replace("T0K", TOKEN), done.err
    assert TOKEN not in shell("run", "--no-mask", "--", "cat", str(path)).text


def test_a_workspaces_own_token_goes_before_that_of_the_home_folder(
    shell: Shell, home: Path, tmp_path: Path
) -> None:
    file = next(one for one in HOME_FILES if one.reader == "gh")
    path = home / file.path
    path.parent.mkdir(parents=True)
    path.write_text(file.text.replace("T0K", TOKEN))
    assert shell("move", str(path)).code == 0
    shell.put("GH_TOKEN", "the workspace's")
    shell.write_env("GH_TOKEN=keyring://acme-api/GH_TOKEN")
    assert started(shell, tmp_path / "tools", file)[0] == "the workspace's\n"


def test_a_shells_start_file_keeps_its_token_from_shells_and_says_how_commands_get_it(
    shell: Shell, home: Path
) -> None:
    text = f"export GITHUB_TOKEN={TOKEN}\n"
    home.joinpath(".zshrc").write_text(text)
    said = shell("move", str(home / ".zshrc")).err
    assert said.endswith(
        "Next: A new shell no longer has it. Start the program with `tokenward run --home -- COMMAND`, in any folder.\n"
    )
    assert shell("run", "--home", "--no-mask", "--", "printenv", "GITHUB_TOKEN").text == f"{TOKEN}\n"
    assert shell("restore", str(home / ".zshrc")).code == 0
    assert home.joinpath(".zshrc").read_text() == text


def test_all_files_of_the_home_folder_move_at_once(shell: Shell, home: Path) -> None:
    key, secret = tokens.aws("home")
    texts = {
        ".zshrc": f"export GITHUB_TOKEN={TOKEN}\n",
        ".npmrc": f"//registry.example.com/:_authToken={tokens.npm()}\n",
        ".aws/credentials": f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n",
        ".git-credentials": f"https://me:{tokens.github(1)}@git.example.com\n",
        ".docker/config.json": json.dumps({"auths": {"a.example.com": {"auth": _login(tokens.github(2))}}}),
        ".kube/config": "apiVersion: v1\nkind: Config\nusers:\n- name: me\n  user:\n    token: "
        f"{tokens.jwt({'sub': 'me'})}\n",
        ".netrc": f"machine api.example.com login me password {tokens.gitlab()}\n",
        ".pypirc": "[distutils]\nindex-servers = a\n[a]\nrepository = https://pypi.example.com/\n"
        f"username = me\npassword = {tokens.gitlab(1)}\n",
        ".cargo/credentials.toml": f'[registry]\ntoken = "{tokens.github(3)}"\n',
        ".config/gh/hosts.yml": f"github.com:\n    user: me\n    oauth_token: {tokens.github_oauth()}\n",
        ".config/pip/pip.conf": f"[global]\nindex-url = https://me:{tokens.gitlab(2)}@pypi.example.com/simple\n",
    }
    others = {f"work/app/{name}": f'token = "{tokens.github(name)}"\n' for name in ("a.py", "b.py")}
    for path, text in (texts | others).items():
        home.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        home.joinpath(path).write_text(text)
    home.joinpath("work/app/.git").mkdir()
    # The rules that Tokenward compiles there hold patterns and examples.
    shell.data.joinpath("rules").mkdir(parents=True)
    shell.data.joinpath("rules", "a.yml").write_text(TOKEN)

    done = shell.at(home)("move", "--all", "--yes")
    # An assignment of the user's own keeps its name, whatever the others are called.
    assert home.joinpath(".zshrc").read_text() == "# export GITHUB_TOKEN=set by GITHUB_TOKEN\n"
    assert f"Moved {len(texts)} tokens out of {len(texts)} files." in done.err, done.err
    assert f"2 files in {home / 'work/app'} belong to another workspace" in done.err
    for path, text in texts.items():
        assert home.joinpath(path).read_text() != text
    assert "rules" not in done.err


def _login(password: str) -> str:
    return base64.b64encode(f"me:{password}".encode()).decode()


@pytest.fixture
def clone(shell: Shell, home: Path) -> Shell:
    """A stranger's folder below the home folder, which the records do not know, with a reference to its token."""
    home.joinpath(".npmrc").write_text(f"//registry.example.com/:_authToken={TOKEN}\n")
    moved = shell("move", str(home / ".npmrc"))
    assert moved.err.endswith(
        "Next: Start the program with `tokenward run --home -- COMMAND`, in any folder.\n"
    )
    folder = home / "Downloads" / "clone"
    folder.mkdir(parents=True)
    folder.joinpath(".env").write_text(home.joinpath(".env").read_text() + "STEERED=yes\n")
    # Its code does not choose the home folder's environment file.
    folder.joinpath("package.json").write_text("{}")
    folder.joinpath("app.js").write_text("load('.env.dev')\n")
    home.joinpath(".env.dev").write_text("STEERED=keyring://home/GITHUB_TOKEN\n")
    return shell.at(folder)


def test_a_command_gets_the_tokens_of_the_home_folder_where_it_is_asked_for(clone: Shell) -> None:
    done = clone("run", "--home", "--no-mask", "--", "printenv", "GITHUB_TOKEN")
    assert done.text == f"{TOKEN}\n", done.err
    assert clone("run", "--home", "--", "printenv", "STEERED").code == 1
    assert clone("run", "--home", "--only", "OTHER", "--", "true").code == 125
    assert "omit `--env-file`" in clone("run", "--home", "--env-file", ".env", "--", "true").err


def test_a_folder_gets_no_token_of_the_home_folder_by_naming_it(clone: Shell, home: Path) -> None:
    done = clone("run", "--", "true")
    assert (done.code, f"{home} " in done.err or "belongs to" in done.err) == (125, True)
    # Not every system's programs are where no repository is.
    shutil.copy("/usr/bin/env", clone.folder / "npm")
    own = clone.having(PATH=f"{clone.folder}:{clone.environment['PATH']}")
    done = own("run", "--home", "--", "npm")
    assert (done.code, done.text) == (125, "")
    assert "A repository can write" in done.err
    assert str(clone.folder) not in own("run", "--home", "--", "printenv", "PATH").text.split(":")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "servers"),
    [
        (".claude.json", "mcpServers"),
        (".config/Claude/claude_desktop_config.json", "mcpServers"),
        ("Library/Application Support/Claude/claude_desktop_config.json", "mcpServers"),
        (".config/Code/User/mcp.json", "servers"),
        (".cursor/mcp.json", "mcpServers"),
        (".gemini/settings.json", "mcpServers"),
        (".copilot/mcp-config.json", "mcpServers"),
        (".codeium/windsurf/mcp_config.json", "mcpServers"),
    ],
)
def test_a_server_of_an_assistant_gets_its_token_wherever_the_assistant_starts_it(
    shell: Shell, home: Path, path: str, servers: str
) -> None:
    program = shutil.which("printenv")
    server = {"command": program, "args": ["KEY"], "env": {"KEY": TOKEN}}
    file = home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({servers: {"a": server}})
    file.write_text(text)
    done = shell("move", str(file))
    assert (done.code, "`tokenward run -- COMMAND`" in done.err) == (0, False), done.err
    moved = json.loads(file.read_text())[servers]["a"]
    assert (moved["command"], moved["args"][:2]) == ("tokenward", ["run", "--no-env-file"])
    words, key = moved["args"], moved["env"]["KEY"]
    for folder in (Path("/"), home, shell.folder):
        done = shell.at(folder)("run", "--no-mask", *words[1:], KEY=key)
        assert done.text == f"{TOKEN}\n", done.err
    # No other token of the home folder beside it.
    shell.at(home).put("OTHER", "other value")
    assert shell(*words, KEY=key, OTHER="keyring://home/OTHER").code == 125
    # Neither what a folder's `.env` names, nor a program that the folder holds, nor a name that no file has any more.
    shell.write_env(f"KEY={key}")
    assert shell("run", "--", "true").code == 125
    shutil.copy(str(program), shell.folder / "own")
    assert shell("run", "--no-env-file", "--", "./own", "KEY", KEY=key).code == 125
    assert shell("restore", str(file)).code == 0
    assert file.read_text() == text
    file.unlink()
    assert shell(*words, KEY=key).code == 125
