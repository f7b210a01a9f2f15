from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import TOKENWARD, Shell
from tokenward.cli.verbs.move import move
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from vault_calls import enter


def references(shell: Shell) -> list[str]:
    return [token["reference"] for token in json.loads(shell("list", "--format", "json").out)["tokens"]]


def test_every_token_of_a_file_is_moved_and_the_program_still_gets_it(shell: Shell) -> None:
    file = shell.folder / ".env"
    file.write_text(f"GITHUB_TOKEN={tokens.github()}\nPLAIN=1\nNPM_TOKEN='{tokens.npm()}'\n")
    done = shell("move", ".env")
    assert (done.code, done.out) == (0, b"")
    assert file.read_text() == (
        "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\nPLAIN=1\nNPM_TOKEN='keyring://acme-api/NPM_TOKEN'\n"
    )
    assert done.err.splitlines()[0] == (
        ".env:1: moved the GitHub token to the keyring as keyring://acme-api/GITHUB_TOKEN"
    )
    seen = shell("run", "--no-mask", "printenv", "GITHUB_TOKEN", "NPM_TOKEN").text.splitlines()
    assert seen == [tokens.github(), tokens.npm()]
    assert tokens.github() not in done.err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends a signal of POSIX")
@pytest.mark.parametrize("arguments", [["app.py"], ["--all", "--yes"]])
def test_ctrl_c_leaves_what_was_moved_whole(shell: Shell, arguments: list[str]) -> None:
    """No token is in doubt: each is moved or as before, and the next move takes up the others."""
    values = {f"TOKEN_{number}": tokens.github(number) for number in range(60)}
    file = shell.folder / "app.py"
    file.write_text("".join(f'{name} = "{value}"\n' for name, value in values.items()))
    with subprocess.Popen(
        [TOKENWARD, "move", *arguments],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=dict(shell.environment),
        cwd=shell.folder,
    ) as process:
        while process.poll() is None and len(references(shell)) < 2:
            pass
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert process.returncode == 2
    assert "You stopped the move" in said
    assert "Traceback" not in said
    left = [name for name, value in values.items() if value in file.read_text()]
    moved = [name for name in values if f'os.environ["{name}"]' in file.read_text()]
    assert sorted([*left, *moved]) == sorted(values)
    assert left
    assert len(moved) >= 2
    assert said.count(": moved the GitHub token") == len(moved) == len(references(shell))
    assert "moves: none interrupted" in shell("doctor").text
    assert shell("move", "app.py").code == 0
    printed = shell("run", "--no-mask", "printenv", *values).text.splitlines()
    assert printed == [*values.values()]


def test_a_moved_file_is_restored_byte_for_byte(shell: Shell) -> None:
    file = shell.folder / "app.py"
    content = f'"""Docs."""\r\n\r\nA = "{tokens.github()}"; B = r\'{tokens.npm()}\'\r\n'.encode()
    file.write_bytes(content)
    assert shell("move", "app.py").code == 0
    assert tokens.github().encode() not in file.read_bytes()
    done = shell("restore", "app.py")
    assert done.code == 0, done.err
    assert file.read_bytes() == content


def test_a_file_is_restored_by_whatever_path_it_is_named(shell: Shell) -> None:
    """Through a folder and back, by a link, and by its target."""
    file, sub, link = shell.folder / ".env", shell.folder / "sub", shell.folder / "link.env"
    sub.mkdir()
    link.symlink_to(file)
    names = ["sub/../.env", "link.env", ".env", str(file)]
    for moved, restored in zip(names, [*names[1:], names[0]], strict=True):
        file.write_text(f"GITHUB_TOKEN={tokens.github()}\n")
        assert shell("move", moved).code == 0
        assert tokens.github() not in file.read_text()
        done = shell("restore", restored)
        assert done.code == 0, done.err
        assert file.read_text() == f"GITHUB_TOKEN={tokens.github()}\n"
    assert link.is_symlink()


def test_all_tokens_of_one_line_are_moved_and_no_others(shell: Shell) -> None:
    # The first move adds an import above, after which another line has the number.
    file = shell.folder / "app.py"
    file.write_text(
        f'FIRST = "{tokens.github(1)}"\nA, B = "{tokens.github(2)}", "{tokens.github(3)}"\n'
        f'LAST = "{tokens.github(4)}"\n'
    )
    done = shell("move", "app.py:2")
    assert done.code == 0, done.err
    left = file.read_text()
    assert [tokens.github(seed) in left for seed in (1, 2, 3, 4)] == [True, False, False, True]
    assert len(references(shell)) == 2


def test_the_tokens_at_places_as_a_scan_prints_them_are_moved(shell: Shell) -> None:
    """A byte order mark counts nothing; a character outside of the basic plane twice in a column, once in Python."""
    file = shell.folder / "app.py"
    file.write_text(
        f'\ufeffA, B, C = "\U0001f511", "{tokens.github(1)}", "{tokens.github(2)}"\nD = "{tokens.github(3)}"\n'
        f'E = "{tokens.github(4)}"\nF = "{tokens.github(5)}"\n'
    )
    shown = shell("scan", "--format", "lines", "app.py").out.decode()
    places = re.findall(r"^(app[.]py:[0-9]+:[0-9]+): ", shown, re.MULTILINE)
    assert len(places) == 5
    done = shell("move", places[1], places[2], "app.py:4")
    assert done.code == 0, done.err
    left = file.read_text()
    assert [tokens.github(seed) in left for seed in (1, 2, 3, 4, 5)] == [True, False, False, True, False]
    assert len(references(shell)) == 3


def test_a_file_named_as_a_whole_and_by_a_line_is_moved_as_a_whole(shell: Shell) -> None:
    file = shell.folder / ".env"
    file.write_text(f"A={tokens.github(1)}\nB={tokens.github(2)}\n")
    assert shell("move", ".env:1", ".env").code == 0
    assert tokens.github(2) not in file.read_text()


@pytest.mark.parametrize(
    ("places", "wrong"),
    [
        ([".env:1:1"], ".env:1:1"),
        ([".env:1", ".env:2:8", ".env:3"], ".env:3"),
        ([".env:1:3", "app.py:1:1"], "app.py:1:1"),
        ([".env:9", "app.py:1"], ".env:9"),
        ([".env", "clean.py:1"], "clean.py:1"),
    ],
)
def test_nothing_is_moved_if_one_of_the_places_has_no_token(
    shell: Shell, places: list[str], wrong: str
) -> None:
    files = {
        ".env": f"A={tokens.github(1)}\nB={tokens.github(2)}\nC=1\n",
        "app.py": f'A = "{tokens.github(3)}"\n',
        "clean.py": "A = 1\n",
    }
    for name, text in files.items():
        (shell.folder / name).write_text(text)
    done = shell("move", "--yes", *places)
    assert done.code == 2
    assert f"No token was found in {shell.folder / wrong}; nothing was moved." in done.err
    assert {name: (shell.folder / name).read_text() for name in files} == files


def test_places_of_one_file_are_moved_by_whatever_paths_they_are_named(shell: Shell) -> None:
    file, other, sub = shell.folder / "app.py", shell.folder / "b.py", shell.folder / "sub"
    sub.mkdir()
    file.write_text("".join(f'T{seed} = "{tokens.github(seed)}"\n' for seed in (1, 2, 3)))
    other.write_text(f'A = "{tokens.github(4)}"\n')
    done = shell("move", "--yes", "sub/../app.py:1:7", f"{file}:3:7", "b.py:1")
    assert done.code == 0, done.err
    left = file.read_text() + other.read_text()
    assert [tokens.github(seed) in left for seed in (1, 2, 3, 4)] == [False, True, False, False]


def test_a_file_whose_name_ends_like_a_line_number_is_that_file(shell: Shell) -> None:
    file = shell.folder / "notes.env:3"
    file.write_text("x")
    assert f"No token was found in {file}" in shell("move", "notes.env:3").err


def test_what_cannot_be_moved_stays_and_the_exit_code_says_so(shell: Shell) -> None:
    file = shell.folder / "app.py"
    file.write_text(f'"""{tokens.github(1)}"""\nB = "{tokens.github(2)}"\n')
    done = shell("move", "app.py")
    assert done.code == 2
    assert done.err.splitlines()[0].startswith("app.py:1: ")
    assert "app.py:2: moved" in done.err or "app.py:3: moved" in done.err
    assert done.err.endswith("Not every token was moved out of app.py; the reasons are above.\n")
    left = file.read_text()
    assert (tokens.github(1) in left, tokens.github(2) in left) == (True, False)


def test_a_name_can_be_chosen_and_is_never_taken_from_another_token(shell: Shell) -> None:
    file = shell.folder / ".env"
    file.write_text(f"A={tokens.github(1)}\nB={tokens.github(2)}\n")
    assert shell("move", ".env:1", "--name", "MINE").code == 0
    done = shell("move", ".env:2", "--name", "MINE")
    assert done.code == 2
    assert "keyring://acme-api/MINE" in done.err
    assert file.read_text() == f"A=keyring://acme-api/MINE\nB={tokens.github(2)}\n"
    assert shell("move", ".env", "--name", "no-name").code == 2


@pytest.mark.parametrize("verb", ["move", "restore"])
def test_a_file_that_is_not_there_is_named(bare_shell: Shell, verb: str) -> None:
    done = bare_shell(verb, "no\x1bsuch")
    assert done.code == 2
    assert done.err.endswith("no?such does not exist; check the path.\n")


def test_a_file_without_tokens_is_a_failure_that_changes_nothing(bare_shell: Shell) -> None:
    file = bare_shell.folder / "app.py"
    file.write_text("x = 1\n")
    done = bare_shell("move", "app.py")
    assert (done.code, file.read_text()) == (2, "x = 1\n")
    assert done.err == f"tokenward: No token was found in {file}; nothing was moved.\n"


def test_without_a_keyring_nothing_is_edited_and_it_is_said_once(bare_shell: Shell) -> None:
    file = bare_shell.folder / ".env"
    file.write_text(content := f"A={tokens.github(1)}\nB={tokens.github(2)}\n")
    done = bare_shell("move", ".env")
    assert (done.code, file.read_text()) == (2, content)
    assert done.err.count("tokenward vault init --file") == 1


def test_several_files_are_restored_whatever_becomes_of_the_others(shell: Shell) -> None:
    """Each of its own workspace, each with one line; one that cannot be restored is a failure."""
    other = shell.folder / "other"
    (other / ".git").mkdir(parents=True)
    texts = {
        name: f"{variable}_TOKEN={tokens.github(number)}\n"
        for number, (name, variable) in enumerate([("a.env", "A"), ("other/b.env", "B"), ("c.env", "C")])
    }
    for name, text in texts.items():
        shell.folder.joinpath(name).write_text(text)
        assert shell("move", name).code == 0
    without = shell.having(DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")("restore", "a.env", "c.env")
    assert (without.code, without.err.count("tokenward vault init --file")) == (2, 1)
    done = shell("restore", "a.env", "none.env", "other/b.env", "c.env")
    assert {name: shell.folder.joinpath(name).read_text() for name in texts} == texts
    assert (done.code, done.err.splitlines()) == (
        2,
        [
            "a.env: restored keyring://acme-api/A_TOKEN in plain text",
            f"none.env: {shell.folder / 'none.env'} does not exist; check the path.",
            "other/b.env: restored keyring://other/B_TOKEN in plain text",
            "c.env: restored keyring://acme-api/C_TOKEN in plain text",
            "tokenward: Not every file was restored; the reasons are above.",
        ],
    )


def test_only_one_of_several_is_restored_by_its_name(shell: Shell) -> None:
    file = shell.folder / ".env"
    file.write_text(f"FIRST_TOKEN={tokens.github(1)}\nSECOND_TOKEN={tokens.github(2)}\n")
    assert shell("move", ".env").code == 0
    assert shell("restore", ".env", "--name", "SECOND_TOKEN").code == 0
    assert file.read_text() == (
        f"FIRST_TOKEN=keyring://acme-api/FIRST_TOKEN\nSECOND_TOKEN={tokens.github(2)}\n"
    )


def test_a_template_is_filled_into_a_private_copy(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    shell.folder.joinpath("conf.tmpl").write_bytes(b"a: keyring://acme-api/TOKEN\r\n\xff\n")
    old_mask = os.umask(0)
    try:
        done = shell("inject", "conf.tmpl", "-o", "conf")
    finally:
        os.umask(old_mask)
    filled = shell.folder / "conf"
    assert (done.code, done.out, done.err) == (0, b"", "Wrote conf\n")
    assert filled.read_bytes() == b"a: the value\r\n\xff\n"
    assert filled.stat().st_mode & 0o777 == 0o600


def test_a_copy_is_never_written_where_git_would_commit_it(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    shell.folder.joinpath("conf.tmpl").write_text("keyring://acme-api/TOKEN")
    subprocess.run(["git", "init", "-q", shell.folder], check=True, env=dict(shell.environment))
    done = shell("inject", "conf.tmpl", "-o", "conf")
    assert (done.code, shell.folder.joinpath("conf").exists()) == (2, False)
    assert (
        done.err
        == f"tokenward: Git would commit {shell.folder}/conf; have Git ignore it first, or name another file.\n"
    )
    shell.folder.joinpath(".gitignore").write_text("conf\n")
    assert shell("inject", "conf.tmpl", "-o", "conf").code == 0


def test_a_hostile_repository_runs_nothing_when_a_copy_is_written(shell: Shell) -> None:
    shell.folder.joinpath("conf.tmpl").write_text("text")
    subprocess.run(["git", "init", "-q", shell.folder], check=True, env=dict(shell.environment))
    monitor = shell.folder / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch '{shell.folder}/ran'\n")
    monitor.chmod(0o755)
    with shell.folder.joinpath(".git", "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {monitor}\n")
    shell("inject", "conf.tmpl", "-o", "conf")
    assert not shell.folder.joinpath("ran").exists()


@pytest.mark.parametrize("output", ["conf.tmpl", "link", "other", "missing/conf"])
def test_what_is_no_place_for_a_copy_is_refused(shell: Shell, output: str, tmp_path: Path) -> None:
    shell.folder.joinpath("conf.tmpl").write_text("text")
    shell.folder.joinpath("other").mkdir()
    shell.folder.joinpath("link").symlink_to(tmp_path / "target")
    done = shell("inject", "conf.tmpl", "-o", output)
    if output == "missing/conf":
        assert (done.code, shell.folder.joinpath(output).stat().st_mode & 0o777) == (0, 0o600)
        return
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert shell.folder.joinpath("conf.tmpl").read_text() == "text"
    assert not tmp_path.joinpath("target").exists()


def test_a_template_with_an_unresolvable_reference_writes_nothing(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    shell.folder.joinpath("conf.tmpl").write_text("keyring://acme-api/TOKEN keyring://acme-api/MISSING")
    done = shell("inject", "conf.tmpl", "-o", "conf")
    assert (done.code, "keyring://acme-api/MISSING" in done.err) == (2, True)
    assert not shell.folder.joinpath("conf").exists()


def test_all_places_of_a_value_are_moved_at_once(shell: Shell) -> None:
    file, token = shell.folder / "app.py", tokens.github()
    file.write_text(f'A = "{token}"\nB = "{tokens.npm()}"\nC = "{token}"\n')
    done = shell("move", "app.py")
    assert done.code == 0, done.err
    assert "app.py:1: moved the GitHub token from 2 places to the keyring as " in done.err
    assert token not in file.read_text()
    assert len(references(shell)) == 2
    assert shell("restore", "app.py").code == 0
    assert file.read_text() == f'A = "{token}"\nB = "{tokens.npm()}"\nC = "{token}"\n'


def test_where_not_all_places_can_be_moved_at_once_each_is_tried(shell: Shell) -> None:
    file, token = shell.folder / "app.py", tokens.github()
    file.write_text(f'"""{token}"""\nB = "{token}"\n')
    done = shell("move", "app.py")
    assert done.code == 2
    assert done.err.startswith("app.py:1: ")
    assert file.read_text().count(token) == 1
    assert len(references(shell)) == 1


def test_a_file_is_scanned_once_however_many_of_its_tokens_stay(
    monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    """Tokens with the same value are reported in one line."""
    scans: list[str] = []
    detect = Detector.detect_all

    def counted(self: Detector, text: str, *arguments: Any, **options: Any) -> Any:
        scans.append(text)
        return detect(self, text, *arguments, **options)

    enter(dict(shell.environment), monkeypatch)
    monkeypatch.chdir(shell.folder)
    monkeypatch.setattr(Detector, "detect_all", counted)
    line = f"K={tokens.github()}\n"
    Path("keys.txt").write_text(line * 400)
    with pytest.raises(TokenwardError, match="Not every token"):
        move(["keys.txt"], name="", all_=False, yes=False, dry_run=False, store_only=False, inject=False)
    assert [len(text) for text in scans] == [len(line) * 400]


def test_a_tools_own_folder_at_home_gives_its_token_in_every_folder(shell: Shell) -> None:
    home = Path(shell.environment["HOME"])
    token, path = tokens.npm(), home / ".config/pypoetry/auth.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[pypi-token]\na = "{token}"\n')
    done = shell.at(path.parent)("move", path.name)
    assert done.err.endswith(
        "Next: Start the program with `tokenward run --home -- COMMAND`, in any folder.\n"
    )
    command = ("run", "--home", "--no-mask", "--", "printenv", "POETRY_PYPI_TOKEN_A")
    assert shell(*command).text == f"{token}\n"


def test_a_build_secret_goes_again_though_another_variable_is_looked_up(shell: Shell) -> None:
    file = shell.folder / "Dockerfile"
    text = (
        f"FROM a\nENV LIBRARIES={tokens.npm()}\nRUN ./install $LIBRARIES\n"
        "ENV USER=${USER}\nRUN id ${USER}\nUSER ${USER}\n"
    )
    file.write_text(text)
    assert shell("move", "Dockerfile").code == 0
    assert "--mount=type=secret,id=LIBRARIES" in file.read_text()
    assert shell("restore", "Dockerfile").code == 0
    assert file.read_text() == text


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="its parser ends there by time alone")
@pytest.mark.parametrize("hostile", [True, False], ids=["ends its parser", "does not parse"])
def test_files_that_end_their_parser_end_it_three_times_in_a_workspace(shell: Shell, hostile: bool) -> None:
    """In whatever folders they are; files that only do not parse take none of the others with them."""
    shell.folder.joinpath(".git").mkdir()
    filler = "/*" * 18_000 if hostile else "let ("
    for number in range(5):
        file = shell.folder / f"folder {number}" / "a.swift"
        file.parent.mkdir()
        file.write_text(f'let k = "{tokens.github(number)}"\n{filler}\nlet n{number} = {number}\n' * 2)
    shell.folder.joinpath("z.swift").write_text(f'let z = "{tokens.npm(1)}"\n')
    shell.folder.joinpath("z.py").write_text(f'z = "{tokens.npm(2)}"\n')
    done = shell("move", "--all", "--dry-run")
    assert done.err.count("parser failed") == (3 if hostile else 0)
    assert done.err.count("failed too often") == (3 if hostile else 0)
    assert ("z.swift: 1 token to move" in done.err) is not hostile
    assert "z.py: 1 token to move" in done.err
