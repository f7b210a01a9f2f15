"""A Git worktree without environment files of its own uses the references of its repository's main folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import tokens
from cli.verbs.test_agents_hook import answer
from cli.verbs.test_run_files import moved_to
from cli_shell import PATIENT, TOKENWARD, Done, Shell
from git_tree import git, repository

REFERENCE = "TOKEN=keyring://acme-api/TOKEN"
SHOW = ("run", "--no-mask", "--", "sh", "-c", "echo $TOKEN-$OTHER-$PLAIN")
SHARED = "This Git worktree uses the references in"
NEXT = '{"dependencies": {"next": "16"}}'


@pytest.fixture
def main(stored: Shell) -> Shell:
    """The main folder of a bound repository, which ignores its environment files."""
    repository(stored.folder)
    (stored.folder / ".gitignore").write_text(".env*\nconfig\n")
    git(stored.folder, "add", ".gitignore")
    git(stored.folder, "commit", "-q", "-m", "first")
    stored.write_env(REFERENCE, "PLAIN=plain")
    return stored


def add_worktree(main: Shell, folder: Path) -> Shell:
    git(main.folder, "worktree", "add", "-q", str(folder))
    return main.at(folder)


@pytest.fixture
def feature(main: Shell, tmp_path: Path) -> Shell:
    return add_worktree(main, tmp_path / "feature")


def commit(main: Shell, **texts: str) -> None:
    for name, text in texts.items():
        path = main.folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        git(main.folder, "add", "-f", str(path))
    git(main.folder, "commit", "-q", "-m", "more")


def assert_uses(done: Done, shown: str, *files: str) -> None:
    """Check what a command got, and that it was said in one line from which files of the main folder."""
    assert (done.code, done.text) == (0, f"{shown}\n"), done.err
    line = f"tokenward: {SHARED} {' and '.join(files)} of the main folder, because it has no such file; plain values "
    assert done.err.splitlines() == [f"{line}stay there."]


def assert_uses_its_own(done: Done, shown: str, said: str = "") -> None:
    assert (done.code, done.text) == (0, f"{shown}\n"), done.err
    assert SHARED not in done.err
    assert said in done.err
    assert done.err.count("\n") == bool(said)


@pytest.mark.parametrize("place", ["feature", "acme-api/.worktrees/feature", "elsewhere/deep/feature"])
def test_a_new_worktree_gets_the_references_of_the_main_folder_and_no_plain_value(
    main: Shell, tmp_path: Path, place: str
) -> None:
    worktree = add_worktree(main, tmp_path / place)
    file = os.path.relpath(main.folder / ".env", worktree.folder)
    assert_uses(worktree(*SHOW), "the value--", file)
    (worktree.folder / "src").mkdir()
    assert_uses(worktree.at(worktree.folder / "src")(*SHOW), "the value--", f"../{file}")
    assert main(*SHOW).text == "the value--plain\n"
    printed = worktree("env", "--format", "json")
    assert json.loads(printed.text) == {"TOKEN": "the value"}
    assert f"{SHARED} {file}" in printed.err
    assert f"✓ environment file: {SHARED} {file}" in worktree("doctor").text
    assert "environment file" not in main("doctor").text
    assert not (worktree.folder / ".env").exists()


def test_values_are_expanded_as_in_the_main_folder(main: Shell, feature: Shell) -> None:
    commit(main, **{"package.json": NEXT})
    git(feature.folder, "merge", "-q", "main")
    main.write_env(REFERENCE, "PLAIN=plain", "OTHER=${PLAIN}/${TOKEN}")
    assert_uses(feature(*SHOW), "the value-plain/the value-", "../acme-api/.env")
    main.write_env("OTHER=${PLAIN}/${TOKEN}", name=".env.local")
    main.write_env(REFERENCE, "PLAIN=plain")
    assert_uses(feature(*SHOW), "the value-plain/the value-", "../acme-api/.env")


def test_own_environment_files_count_alone_and_the_others_are_named_if_they_hold_more(
    main: Shell, feature: Shell
) -> None:
    left_out = "../acme-api/.env holds references and was not read; pass `--env-file`"
    main.put("OTHER", "other")
    for own, shown, said in (
        (("OTHER=keyring://acme-api/OTHER",), "-other-", left_out),
        (("PLAIN=own",), "--own", left_out),
        (("PLAIN=own", REFERENCE), "the value--own", ""),
        (("TOKEN=own",), "own--", "holds no reference"),
    ):
        feature.write_env(*own)
        assert_uses_its_own(feature(*SHOW), shown, said)
        assert SHARED not in feature("env", "--format", "json").err
    feature.folder.joinpath(".env").unlink()
    assert_uses(feature(*SHOW), "the value--", "../acme-api/.env")


def test_committed_files_without_references_are_completed(main: Shell, feature: Shell) -> None:
    """Next.js and Symfony projects commit `.env` and ignore `.env.local`."""
    commit(main, **{"package.json": NEXT, ".env": "PLAIN=committed\nTOKEN=default\n"})
    git(feature.folder, "merge", "-q", "main")
    main.write_env(REFERENCE, "OTHER=plain", name=".env.local")
    assert_uses(feature(*SHOW), "the value--committed", "../acme-api/.env.local")
    feature.write_env(REFERENCE, name=".env.local")
    assert_uses_its_own(feature(*SHOW), "the value--committed")
    main.write_env("OTHER=keyring://acme-api/TOKEN", name=".env.development")
    left_out = "../acme-api/.env.development holds references and was not read"
    assert_uses_its_own(feature(*SHOW), "the value--committed", left_out)
    main.folder.joinpath(".env.development").unlink()
    feature.folder.joinpath(".env.local").unlink()
    main.write_env(REFERENCE, name=".env.production.local")
    main.folder.joinpath(".env.local").unlink()
    shown = feature("run", "--no-mask", "--", "sh", "-c", "echo $TOKEN-$NODE_ENV", NODE_ENV="production")
    assert_uses(shown, "the value-production", "../acme-api/.env.production.local")


def test_a_file_that_the_settings_name_is_looked_up_in_the_main_folder(main: Shell, feature: Shell) -> None:
    commit(main, **{"tokenward.toml": 'env-file = "config/dev.env"\n'})
    git(feature.folder, "merge", "-q", "main")
    (main.folder / "config").mkdir()
    main.write_env(REFERENCE, "PLAIN=plain", name="config/dev.env")
    assert_uses(feature(*SHOW), "the value--", "../acme-api/config/dev.env")
    (feature.folder / "config").mkdir()
    feature.write_env("PLAIN=own", name="config/dev.env")
    assert_uses_its_own(feature(*SHOW), "--own", "holds no reference")


def test_packages_of_a_monorepo_use_those_of_the_main_folder(main: Shell, feature: Shell) -> None:
    """From the package's folder, and from the top for references that a move left there."""
    main.folder.joinpath(".env").unlink()
    commit(main, packages__api__app__py=f"KEY = '{'x' * 4}'\n", packages__web__index="")
    git(feature.folder, "merge", "-q", "main")
    (main.folder / "packages" / "api").joinpath(".env").write_text(f"{REFERENCE}\nPLAIN=plain\n")
    api, web = (feature.at(feature.folder / "packages" / name) for name in ("api", "web"))
    assert_uses(api(*SHOW), "the value--", "../../../acme-api/packages/api/.env")
    assert web(*SHOW).text == "--\n"
    unmoved = feature(*SHOW)
    assert unmoved.text == "--\n"
    assert (
        "does not get TOKEN of ../acme-api/packages/api/.env, because no move on this machine" in unmoved.err
    )
    moved_to(main, "packages/api/.env")
    assert_uses(feature(*SHOW), "the value--", "../acme-api/packages/api/.env")
    feature.write_env("PLAIN=own", "OTHER=keyring://acme-api/TOKEN")
    assert feature(*SHOW).text == "-the value-own\n"


def test_a_worktree_keeps_the_references_when_git_moves_it_and_loses_them_with_the_main_folder(
    main: Shell, feature: Shell, tmp_path: Path
) -> None:
    git(main.folder, "worktree", "move", str(feature.folder), str(tmp_path / "moved"))
    moved = feature.at(tmp_path / "moved")
    assert_uses(moved(*SHOW), "the value--", "../acme-api/.env")
    by_hand = feature.at(moved.folder.rename(tmp_path / "by-hand"))
    done = by_hand(*SHOW)
    assert done.text == "--\n"
    assert f"Git did not make this worktree from {main.folder}; add it again" in done.err
    git(by_hand.folder, "worktree", "repair")
    assert_uses(by_hand(*SHOW), "the value--", "../acme-api/.env")
    shutil.rmtree(main.folder)
    done = by_hand(*SHOW)
    assert (done.code, done.text, SHARED in done.err) == (0, "--\n", False)


def test_what_takes_the_main_folders_place_gives_nothing(main: Shell, feature: Shell) -> None:
    """A copy with the same files, also those of Git, is another folder."""
    assert_uses(feature(*SHOW), "the value--", "../acme-api/.env")
    original = main.folder.rename(main.folder.with_name("original"))
    subprocess.run(["cp", "-r", original, main.folder], check=True)
    main.write_env(REFERENCE, "PLAIN=plain")
    done = feature(*SHOW)
    assert (done.text, SHARED in done.err) == ("--\n", False)
    shutil.rmtree(main.folder)
    original.rename(main.folder)
    assert_uses(feature(*SHOW), "the value--", "../acme-api/.env")


def hostile(folder: Path) -> Path:
    repository(folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_folders_that_git_did_not_make_from_the_main_folder_get_nothing(
    main: Shell, feature: Shell, tmp_path: Path
) -> None:
    """Each writes what Git would, on its own side or in a repository of its own; the worktree beside them works."""
    own = hostile(tmp_path / "own")
    git(own, "worktree", "add", "-q", str(tmp_path / "other"))
    main_git = main.folder / ".git"
    (own / ".git" / "worktrees" / "other" / "commondir").write_text(f"{main_git}\n")
    for name, pointer in (
        ("pointer", main_git / "worktrees" / "feature"),
        ("relative", Path("../acme-api/.git/worktrees/feature")),
        ("own", own / ".git" / "worktrees" / "fake"),
    ):
        folder = tmp_path / f"{name}-fake"
        folder.mkdir()
        (folder / ".git").write_text(f"gitdir: {pointer}\n")
    admin = own / ".git" / "worktrees" / "fake"
    admin.mkdir()
    (admin / "commondir").write_text(f"{main_git}\n")
    (admin / "gitdir").write_text(f"{tmp_path / 'own-fake' / '.git'}\n")
    git(main.folder, "clone", "-q", ".", str(tmp_path / "clone"))
    for name in ("other", "pointer-fake", "relative-fake", "own-fake", "clone"):
        done = main.at(tmp_path / name)(*SHOW)
        assert (done.code, done.text) == (0, "--\n"), name
        assert "has no environment file" in done.err
        assert SHARED not in done.err
        assert SHARED not in main.at(tmp_path / name)("doctor").text
    assert_uses(feature(*SHOW), "the value--", "../acme-api/.env")


def test_a_worktree_gets_its_own_repositorys_references_only(
    main: Shell, feature: Shell, tmp_path: Path
) -> None:
    other = main.at(hostile(tmp_path / "other-api"))
    other.put("TOKEN", "another value")
    other.write_env("TOKEN=keyring://other-api/TOKEN")
    assert_uses(add_worktree(other, tmp_path / "other")(*SHOW), "another value--", "../other-api/.env")
    assert_uses(feature(*SHOW), "the value--", "../acme-api/.env")
    other.write_env(REFERENCE)
    refused = main.at(tmp_path / "other")(*SHOW)
    assert (refused.code, refused.text) == (125, "")
    assert "acme-api belongs to" in refused.err


def test_a_submodule_of_the_main_folder_lends_a_worktree_nothing(
    main: Shell, feature: Shell, tmp_path: Path
) -> None:
    """A new worktree has an empty folder in its place."""
    hostile(tmp_path / "module")
    allowed = ("-c", "protocol.file.allow=always")
    git(main.folder, *allowed, "submodule", "--quiet", "add", str(tmp_path / "module"), "module")
    git(main.folder, "commit", "-q", "-m", "module")
    git(feature.folder, "merge", "-q", "main")
    (main.folder / "module" / ".env").write_text("OTHER=keyring://acme-api/TOKEN\n")
    (feature.folder / "src").mkdir()
    assert feature.at(feature.folder / "module")(*SHOW).text == "--\n"
    assert_uses(feature.at(feature.folder / "src")(*SHOW), "the value--", "../../acme-api/.env")


def test_a_link_out_of_the_main_folder_lends_nothing(main: Shell, feature: Shell, tmp_path: Path) -> None:
    file = main.folder / ".env"
    outside = file.rename(tmp_path / "outside.env")
    file.symlink_to(outside)
    assert feature(*SHOW).text == "--\n"
    file.unlink()
    inside = outside.rename(main.folder / "inside.env")
    file.symlink_to(inside)
    assert_uses(feature(*SHOW), "the value--", "../acme-api/inside.env")


def test_worktrees_of_a_bare_repository_and_of_one_without_a_name_get_nothing_and_are_told_why(
    main: Shell, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(main.folder), str(tmp_path / "bare.git"))
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(tmp_path / "of-bare"))
    of_bare = main.at(tmp_path / "of-bare")
    why = "the repository of this Git worktree has no main folder whose environment file it could use"
    assert why in of_bare(*SHOW).err
    assert f"✓ environment file: {why}" in of_bare("doctor").text
    of_bare.put("TOKEN", "of bare")
    of_bare.write_env("TOKEN=keyring://of-bare/TOKEN")
    assert_uses_its_own(of_bare(*SHOW), "of bare--")
    unbound = hostile(tmp_path / "unbound")
    (unbound / ".env").write_text(f"{REFERENCE}\n")
    done = add_worktree(main.at(unbound), tmp_path / "of-unbound")(*SHOW)
    assert (done.code, done.text, SHARED in done.err) == (0, "--\n", False)


def test_a_repository_of_the_home_folder_lends_its_worktrees_nothing(main: Shell, tmp_path: Path) -> None:
    """Its tokens are for commands with `--home`."""
    home = main.at(hostile(Path(main.environment["HOME"])))
    home.put("TOKEN", "of home")
    home.write_env(f"TOKEN=keyring://{home('workspaces').text.split()[0]}/TOKEN")
    done = add_worktree(home, tmp_path / "of-home")(*SHOW)
    assert (done.code, done.text, SHARED in done.err) == (0, "--\n", False)
    assert main("run", "--no-mask", "--home", *SHOW[2:]).text == "of home--\n"


def test_options_about_files_are_obeyed(main: Shell, feature: Shell) -> None:
    shown = SHOW[2:]
    for options, expected in (
        (("--no-env-file",), "--"),
        (("--env-file", "../acme-api/.env"), "the value--plain"),
        (("--home",), "--"),
    ):
        done = feature("run", "--no-mask", *options, *shown)
        assert (done.text, SHARED in done.err) == (f"{expected}\n", False), options
    assert_uses(feature("run", "--no-mask", "--only", "TOKEN", *shown), "the value--", "../acme-api/.env")
    assert feature("run", "--only", "PLAIN", *shown).code == 125
    template = feature.folder / "template"
    template.write_text("keyring://acme-api/TOKEN")
    filled = feature(
        "run", "--no-mask", "--file", "template=filled", "--", "sh", "-c", "cat filled; echo -$TOKEN"
    )
    assert filled.text == "the value-the value\n"


def test_a_move_in_a_worktree_says_which_lines_to_copy(main: Shell, feature: Shell) -> None:
    """A first file of its own ends the use of the main folder's, also in words."""
    code = feature.folder / "app.py"
    code.write_text(f'key = "{tokens.github("worktree")}"\n')
    copy = f"Copy the lines of {main.folder / '.env'} that programs here need to .env"
    assert "then finish by hand" in feature("move", "app.py", "--dry-run").err
    done = feature("move", "app.py")
    assert (done.code, copy in done.text + done.err) == (0, True)
    assert (feature.folder / ".env").read_text() == "GITHUB_TOKEN=keyring://acme-api/GITHUB_TOKEN\n"
    assert main.folder.joinpath(".env").read_text() == f"{REFERENCE}\nPLAIN=plain\n"
    assert "../acme-api/.env holds references and was not read" in feature(*SHOW).err
    with (feature.folder / ".env").open("a") as file:
        file.write(f"{REFERENCE}\n")
    assert_uses_its_own(feature(*SHOW), "the value--")
    main.folder.joinpath("app.py").write_text(f'key = "{tokens.github("main")}"\n')
    assert "Copy the lines" not in main("move", "app.py").text


def test_the_main_folders_restore_and_leave_end_what_a_worktree_gets(main: Shell, feature: Shell) -> None:
    main.write_env(f"TOKEN={tokens.github('restored')}")
    assert main("move", ".env").code == 0
    assert "TOKEN=keyring://acme-api/" in main.folder.joinpath(".env").read_text()
    assert_uses(feature(*SHOW), f"{tokens.github('restored')}--", "../acme-api/.env")
    assert main("restore", ".env").code == 0
    done = feature(*SHOW)
    assert (done.text, "has no environment file" in done.err) == ("--\n", True)
    assert not (feature.folder / ".env").exists()


def test_a_git_hook_in_a_worktree_gets_the_references(main: Shell, feature: Shell) -> None:
    """Git sets variables that name its folders, which change nothing."""
    hook = f'#!/bin/sh\n"{TOKENWARD}" run --no-mask -- printenv TOKEN > given\n'
    main.write_script(".git/hooks/pre-commit", hook)
    git(main.folder, "config", "user.name", "a")
    git(main.folder, "config", "user.email", "a@b.c")
    for shell in (feature, main):
        words = ["git", "commit", "-q", "--allow-empty", "-m", "x"]
        subprocess.run(words, cwd=shell.folder, env=dict(shell.environment), check=True)
        assert (shell.folder / "given").read_text() == "the value\n"


def test_an_agents_command_and_list_work_in_a_worktree_as_in_the_main_folder(
    main: Shell, feature: Shell
) -> None:
    """Claude Code's hook lets the command through, and masks what it prints."""
    settings = Path(main.environment["HOME"], ".config", "tokenward", "config.toml")
    settings.parent.mkdir(parents=True)
    settings.write_text('agents = "allow"\n')
    command = f'"{TOKENWARD}" run -- sh -c "printenv TOKEN | wc -c; printenv TOKEN"'
    for shell in (main, feature):
        agent = shell.having(CLAUDECODE="1")
        payload = {"hook_event_name": "PreToolUse", "cwd": str(shell.folder), "tool_name": "Bash"}
        code, out, err = answer(agent, "claude-code", {**payload, "tool_input": {"command": command}})
        assert code == 0, err
        changed = json.loads(out)["hookSpecificOutput"].get("updatedInput", {}) if out else {}
        line = changed.get("command", command).replace(PATIENT[1], TOKENWARD)
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=shell.folder,
            env=dict(agent.environment),
            capture_output=True,
            text=True,
            check=True,
        )
        assert re.fullmatch(r"10\n[* ]+\n", done.stdout), done
        assert (SHARED in done.stdout + done.stderr) == (shell is feature)
        found = json.loads(agent("list", "--format", "json").text)["tokens"]
        assert [one["reference"] for one in found] == ["keyring://acme-api/TOKEN"]
    outside = main.at(hostile(feature.folder.parent / "unrelated")).having(CLAUDECODE="1")
    assert json.loads(outside("list", "--format", "json").text) == {"tokens": []}
