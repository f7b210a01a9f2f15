from __future__ import annotations

from pathlib import Path

import pytest

import tokens
from cli_shell import Shell


def test_a_command_gets_the_values_in_its_environment(stored: Shell) -> None:
    done = stored("run", "--no-mask", "--", "printenv", "TOKEN")
    assert (done.code, done.text, done.err) == (0, "the value\n", "")


def test_a_reference_inside_a_value_and_one_that_is_expanded_are_resolved(stored: Shell) -> None:
    stored.write_env("TOKEN='keyring://acme-api/TOKEN'", "URL=https://me:${TOKEN}@host", "PLAIN=${URL}|")
    done = stored("run", "--no-mask", "printenv", "TOKEN", "URL", "PLAIN")
    assert done.text.splitlines() == ["the value", "https://me:the value@host", "https://me:the value@host|"]


def test_a_value_that_is_expanded_inside_a_word_is_resolved_all_the_same(stored: Shell) -> None:
    stored.write_env("A=keyring://acme-api/TOKEN", "URL=https://host/bot${A}x/${A}/send", "B=-${A}_")
    done = stored("run", "--no-mask", "printenv", "URL", "B")
    assert done.text.splitlines() == ["https://host/botthe valuex/the value/send", "-the value_"]


@pytest.mark.parametrize(
    "text", ["keyring://Acme/TOKEN", "keyring://acme-api/MY-TOKEN", "xkeyring://acme-api/TOKEN"]
)
def test_what_looks_like_a_reference_and_is_none_starts_nothing(stored: Shell, text: str) -> None:
    stored.write_env(f"VARIABLE={text}")
    done = stored("run", "touch", "started")
    assert (done.code, "VARIABLE" in done.err) == (125, True)
    assert not stored.folder.joinpath("started").exists()


def test_a_token_in_backticks_arrives_as_it_did_before_its_move(shell: Shell) -> None:
    token = tokens.github("backticks")
    shell.write_env(f"GITHUB_TOKEN=`{token}`")
    assert shell("run", "--no-mask", "printenv", "GITHUB_TOKEN").text == f"{token}\n"
    assert shell("move", ".env").code == 0
    assert "`keyring://" in (shell.folder / ".env").read_text()
    assert shell("run", "--no-mask", "printenv", "GITHUB_TOKEN").text == f"{token}\n"


def test_a_line_break_in_a_value_is_one_character_however_the_file_ends_its_lines(stored: Shell) -> None:
    (stored.folder / ".env").write_bytes(b'A="1\r\n2"\r\nB=`3\r\n4`\r\n')
    assert stored("run", "--no-mask", "printenv", "A", "B").out == b"1\n2\n3\n4\n"


def test_an_environment_file_in_utf_16_is_read_and_its_tokens_wait_for_utf_8(shell: Shell) -> None:
    token = tokens.github("wide")
    content = f"GITHUB_TOKEN={token}\r\n".encode("utf-16")
    (shell.folder / ".env").write_bytes(content)
    assert shell("run", "--no-mask", "printenv", "GITHUB_TOKEN").text == f"{token}\n"
    done = shell("move", ".env")
    assert (done.code, ".env is in UTF-16 or UTF-32; save it as UTF-8" in done.err) == (2, True)
    assert (shell.folder / ".env").read_bytes() == content


def test_a_token_is_never_read_as_a_reference_or_an_expansion(stored: Shell) -> None:
    stored.put("ODD", "${HOME} keyring://acme-api/TOKEN $(id)")
    stored.write_env("ODD=keyring://acme-api/ODD", "COPY=${ODD}")
    done = stored("run", "--no-mask", "printenv", "ODD", "COPY")
    assert done.text.splitlines() == ["${HOME} keyring://acme-api/TOKEN $(id)"] * 2


def test_an_inherited_reference_that_the_env_file_replaces_need_not_resolve(stored: Shell) -> None:
    stored.write_env("A=plain")
    assert stored("run", "--no-mask", "printenv", "A", A="keyring://elsewhere/TOKEN").text == "plain\n"


def test_a_reference_that_the_command_inherits_is_resolved(stored: Shell) -> None:
    assert (
        stored("run", "--no-mask", "printenv", "OTHER", OTHER="keyring://acme-api/TOKEN").text
        == "the value\n"
    )


def test_of_several_env_files_the_last_counts_and_the_usual_one_does_not(stored: Shell) -> None:
    stored.write_env("A=1", "B=1", name="one.env")
    stored.write_env("B=keyring://acme-api/TOKEN", name="two.env")
    done = stored("run", "--no-mask", "--env-file", "one.env", "--env-file", "two.env", "--", "env")
    lines = done.text.splitlines()
    assert {"A=1", "B=the value"} <= set(lines)
    assert not any(line.startswith("TOKEN=") for line in lines)


def test_a_workspaces_variables_go_with_its_inner_folders(stored: Shell) -> None:
    inner = stored.folder / "src"
    inner.mkdir()
    assert stored.at(inner)("run", "--no-mask", "printenv", "TOKEN").text == "the value\n"


@pytest.mark.parametrize(
    "reference", ["keyring://acme-api/MISSING", "keyring://elsewhere/TOKEN", "keyring://other/TOKEN"]
)
def test_an_unresolvable_reference_is_named_and_nothing_is_started(
    stored: Shell, reference: str, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stored.at(other).put("TOKEN", "another value")
    stored.write_env(f"X=a {reference} b")
    done = stored("run", "--", "touch", "started")
    assert done.code == 125
    assert reference in done.err or reference.split("/")[2] in done.err
    assert done.err.endswith(" touch was not started.\n")
    assert not stored.folder.joinpath("started").exists()


def test_an_env_file_that_was_named_must_be_there(stored: Shell) -> None:
    done = stored("run", "--env-file", "no\x1b[2Jsuch", "true")
    assert (done.code, done.err) == (
        125,
        "tokenward: no?[2Jsuch does not exist; check the path. true was not started.\n",
    )


def test_an_exported_variable_of_another_folder_is_left_out(stored: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stored.at(other).put("TOKEN", "another value")
    command = ("sh", "-c", 'test -z "$FOREIGN" && test -n "$TOKEN"')
    exporting = stored.having(FOREIGN="keyring://other/TOKEN", TOKEN="keyring://acme-api/TOKEN")
    done = exporting("run", "--", *command)
    assert (done.code, done.err.count("does not get FOREIGN, a token of another folder")) == (0, 1)
    assert exporting("run", "--no-env-file", "--", *command).code == 125


def test_only_the_usual_file_may_be_missing_beside_another(stored: Shell) -> None:
    stored.folder.joinpath("worker.env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
    files = ("--env-file", ".env", "--env-file", "worker.env")
    assert stored("run", *files, "sh", "-c", 'test -n "$TOKEN"').code == 0


def test_without_environment_files_only_what_is_exported_is_resolved(stored: Shell) -> None:
    stored.put("SECOND", "another value")
    stored.write_env("TOKEN=keyring://acme-api/TOKEN", "OTHER=keyring://acme-api/TOKEN")
    command = ("run", "--no-env-file", "--no-mask", "--", "sh", "-c", 'printf "%s|%s" "$TOKEN" "$OTHER"')
    assert stored(*command, TOKEN="keyring://acme-api/SECOND").text == "another value|"


@pytest.mark.parametrize("option", ["--env-file=.env", "--only=TOKEN"])
def test_options_for_environment_files_that_are_not_read_start_nothing(stored: Shell, option: str) -> None:
    done = stored("run", "--no-env-file", option, "touch", "started")
    assert (done.code, option.partition("=")[0] in done.err) == (125, True)
    assert not stored.folder.joinpath("started").exists()
