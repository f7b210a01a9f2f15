"""`tokenward move` for folders and many files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell


def plant(folder: Path, **texts: str) -> None:
    """Write files; `__` in a name is `/`, and `_` a dot."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def project(shell: Shell) -> Shell:
    """A workspace with tokens in code, in an environment file, in CI and where nobody looks up variables."""
    subprocess.run(["git", "init", "-q", shell.folder], check=True, env=dict(shell.environment))
    plant(
        shell.folder,
        src__app_py=f'GITHUB_TOKEN = "{tokens.github(1)}"\nB = "{tokens.github(1)}"\n',
        _env=f"NPM_TOKEN={tokens.npm()}\n",
        _github__workflows__ci_yml=f"env:\n  NPM_TOKEN: {tokens.npm()}\n",
        config_json=f'{{"api_token": "{tokens.github(3)}"}}\n',
    )
    return shell


def texts(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


def test_the_whole_workspace_is_moved_after_one_question(project: Shell) -> None:
    """Each file has what its reader looks up; what nobody looks up stays, and the exit code says so."""
    assert project.agree("move", "--all") == 2
    after = texts(project.folder)
    assert tokens.github(3) in after.pop("config.json")
    assert "NPM_TOKEN=keyring://acme-api/NPM_TOKEN\n" in after[".env"]
    assert "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n" in after[".env"]
    assert after[".github/workflows/ci.yml"] == "env:\n  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
    assert after["src/app.py"].count('os.environ["GITHUB_TOKEN"]') == 2
    assert not [name for name, text in after.items() if tokens.github(1) in text or tokens.npm() in text]
    seen = project("run", "--no-mask", "printenv", "GITHUB_TOKEN", "NPM_TOKEN").text.splitlines()
    assert seen == [tokens.github(1), tokens.npm()]


def test_a_dry_run_prints_what_would_be_moved_where_and_changes_nothing(project: Shell) -> None:
    before = texts(project.folder)
    done = project("move", "--all", "--dry-run")
    assert (done.code, done.out, texts(project.folder)) == (0, b"", before)
    *lines, config, summary = sorted(
        done.err.splitlines(), key=lambda line: (line[0].isdigit(), line[0] == "c")
    )
    assert lines == [
        ".env: 1 token to move, leaving references",
        'src/app.py: 2 tokens to move, read with `os.environ["NAME"]`',
        ".github/workflows/ci.yml: 1 token to move, read with `${{ secrets.NAME }}`; then set the secret in GitHub",
    ]
    assert config.startswith("config.json: 1 token to leave on line 1: No known program")
    assert summary == "4 tokens to move in 3 files, 1 to leave as they are."
    assert project("list").text == ""


def test_yes_asks_nothing_and_the_last_lines_say_what_is_next(project: Shell) -> None:
    (project.folder / "config.json").unlink()
    done = project("move", ".", "--yes")
    assert done.code == 0, done.err
    assert done.err.splitlines()[-3:] == [
        "Moved 4 tokens out of 3 files.",
        "Next: Start the program with `tokenward run -- COMMAND`.",
        "Next: Set the secret in GitHub with `tokenward get NPM_TOKEN | gh secret set NPM_TOKEN`.",
    ]


def test_a_refusal_is_printed_once_and_each_program_starts_in_the_folder_of_its_environment_file(
    shell: Shell,
) -> None:
    lines = f"X = '{tokens.github(1)}'\nmatch X:\n    case '{tokens.github(2)}':\n        pass\n"
    for folder in ("api", "worker"):
        (shell.folder / folder).mkdir()
        (shell.folder / folder / "app.py").write_text(lines)
    (shell.folder / "api" / ".env").write_text("A=b\n")
    (shell.folder / ".git").mkdir()
    done = shell("move", "--all", "--yes")
    for folder in ("api", "worker"):
        start = f"{folder}/app.py: 1 token to leave"
        (refusal,) = (line for line in done.err.splitlines() if line.startswith(start))
        assert refusal.startswith(f"{folder}/app.py: 1 token to leave on line 3: ")
        assert done.err.count(refusal.partition("line 3: ")[2]) == 2
    assert (
        "Next: Start the program with `tokenward run -- COMMAND` in its folder: api or this one." in done.err
    )
    restored = shell("restore", "api/app.py")
    assert restored.err.splitlines()[-1] == "api/.env keeps GITHUB_TOKEN, because other code may read it."
    (shell.folder / ".env").write_text("X=keyring://acme-api/GITHUB_TOKEN_22\n")
    assert "keeps" not in shell("restore", "worker/app.py").err


def test_one_start_gives_a_program_all_tokens_of_its_file_beside_a_hidden_folder(shell: Shell) -> None:
    cursor = shell.folder / ".cursor"
    cursor.mkdir()
    (cursor / ".env").write_text("A=b\n")
    headers = f'"headers": {{"A": "Bearer {tokens.github(4)}", "B": "{tokens.slack(5)}"}}'
    (cursor / "mcp.json").write_text(
        f'{{"mcpServers": {{"a": {{"url": "https://example.com", {headers}}}}}}}\n'
    )
    done = shell("move", ".cursor/mcp.json")
    assert done.code == 0, done.err
    assert "Next: Start it with `tokenward run --only GITHUB_TOKEN,SLACK_BOT_TOKEN -- cursor .`;" in done.err
    assert (shell.folder / ".env").read_text().count("keyring://acme-api/") == 2
    assert (cursor / ".env").read_text() == "A=b\n"
    started = shell(
        "run", "--no-mask", "--only", "GITHUB_TOKEN,SLACK_BOT_TOKEN", "--", "printenv", "GITHUB_TOKEN"
    )
    assert started.text == f"{tokens.github(4)}\n"


def test_without_a_terminal_nobody_agrees_and_a_no_changes_nothing(project: Shell) -> None:
    before = texts(project.folder)
    done = project("move", "--all")
    assert (done.code, "`--yes`" in done.err) == (2, True)
    with project.terminal("move", "--all") as terminal:
        terminal.expect("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert texts(project.folder) == before


def test_what_cannot_be_replaced_is_stored_or_left_to_inject_if_asked_for(project: Shell) -> None:
    done = project("move", ".", "--yes", "--store-only")
    assert done.code == 0, done.err
    assert "config.json:1: stored the GitHub token as keyring://acme-api/GITHUB_TOKEN" in done.err
    assert tokens.github(3) in (project.folder / "config.json").read_text()
    assert project.get("GITHUB_TOKEN") == tokens.github(3)
    done = project("move", "config.json", "--inject")
    assert done.code == 0, done.err
    reference = "keyring://acme-api/GITHUB_TOKEN"
    assert (project.folder / "config.json").read_text() == f'{{"api_token": "{reference}"}}\n'
    assert "Next: Fill it in with `tokenward inject`" in done.err


def test_only_the_named_files_folders_and_lines_are_touched(project: Shell) -> None:
    plant(
        project.folder,
        other_py=f'A = "{tokens.github(4)}"\nB = "{tokens.github(5)}"\n',
        third_py=f'A = "{tokens.github(6)}"\n',
    )
    done = project("move", "src", "other.py:2", "--yes")
    assert done.code == 0, done.err
    left = texts(project.folder)
    assert [tokens.github(4) in left["other.py"], tokens.github(5) in left["other.py"]] == [True, False]
    assert tokens.github(1) not in left["src/app.py"]
    assert tokens.github(6) in left["third.py"]
    assert left[".env"].startswith(f"NPM_TOKEN={tokens.npm()}\n")


def test_ignored_tokens_and_files_stay(project: Shell) -> None:
    plant(
        project.folder,
        _gitignore="ignored.py\n",
        ignored_py=f'A = "{tokens.github(4)}"\n',
        note_py=f'A = "{tokens.github(5)}"  # tokenward:ignore\nB = "{tokens.github(6)}"\n',
    )
    assert project("ignore", "src/app.py:1", "--reason", "a sample").code == 0
    before = texts(project.folder)
    project("move", ".", "--yes")
    after = texts(project.folder)
    assert [after[name] == before[name] for name in ("src/app.py", "ignored.py")] == [True, True]
    assert [tokens.github(5) in after["note.py"], tokens.github(6) in after["note.py"]] == [True, False]


def test_nothing_is_touched_outside_the_workspace_or_through_links(project: Shell, tmp_path: Path) -> None:
    """Neither by a link to a file or a folder, nor in another workspace inside this one."""
    outside = tmp_path / "outside"
    inner = project.folder / "vendored"
    for folder in (outside, inner):
        folder.mkdir()
        (folder / "app.py").write_text(f'A = "{tokens.github(4)}"\n')
    subprocess.run(["git", "init", "-q", inner], check=True, env=dict(project.environment))
    (project.folder / "link.py").symlink_to(outside / "app.py")
    (project.folder / "folder").symlink_to(outside)
    (project.folder / "twin.py").symlink_to(project.folder / "src" / "app.py")
    before = texts(outside), texts(inner)
    done = project("move", "src", "link.py", "folder", "vendored", "twin.py", "folder/app.py", "--yes")
    assert (texts(outside), texts(inner)) == before
    assert "vendored/app.py belongs to another workspace" in done.err
    assert (project.folder / "twin.py").is_symlink()


def test_a_file_that_cannot_be_written_keeps_its_tokens_and_the_others_move(project: Shell) -> None:
    (project.folder / "src" / "app.py").chmod(0o444)
    (project.folder / "config.json").unlink()
    done = project("move", ".", "--yes")
    assert done.code == 2
    assert tokens.github(1) in (project.folder / "src" / "app.py").read_text()
    assert "secrets.NPM_TOKEN" in (project.folder / ".github/workflows/ci.yml").read_text()
    assert sum("app.py cannot be written" in line for line in done.err.splitlines()) == 1
    assert "Moved 2 tokens out of 2 files." in done.err


def test_without_a_keyring_nothing_is_edited_and_it_is_said_once(bare_shell: Shell) -> None:
    plant(bare_shell.folder, a_env=f"A={tokens.github(1)}\n", b_env=f"B={tokens.github(2)}\n")
    before = texts(bare_shell.folder)
    done = bare_shell("move", "a.env", "b.env", "--yes")
    assert (done.code, texts(bare_shell.folder)) == (2, before)
    assert done.err.count("tokenward vault init --file") == 1


def test_a_workspace_without_tokens_is_no_failure(bare_shell: Shell) -> None:
    plant(bare_shell.folder, app_py="x = 1\n")
    done = bare_shell("move", "--all")
    assert (done.code, done.err) == (0, "No tokens were found.\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "Name files or folders"),
        (("--all", "src"), "Name files or folders"),
        (("src", "--name", "X"), "`--name` names the token of one file"),
        (("missing", "src"), "missing does not exist"),
    ],
)
def test_what_is_no_command_is_refused(project: Shell, arguments: tuple[str, ...], why: str) -> None:
    before = texts(project.folder)
    done = project("move", *arguments)
    assert (done.code, why in done.err) == (2, True), done.err
    assert texts(project.folder) == before
