from __future__ import annotations

from pathlib import Path

import pytest

from cli_shell import Shell


@pytest.fixture
def elsewhere(shell: Shell, tmp_path: Path) -> Shell:
    """A second folder, whose `.env` names the first one's token."""
    shell.put("TOKEN", "the value")
    clone = tmp_path / "clone"
    clone.mkdir()
    clone.joinpath(".env").write_text("TOKEN=keyring://acme-api/TOKEN\n")
    return shell.at(clone)


def test_a_folder_is_bound_by_a_person_who_says_yes(elsewhere: Shell, shell: Shell) -> None:
    assert elsewhere("run", "printenv", "TOKEN").code == 125
    with elsewhere.terminal("bind", "acme-api") as terminal:
        terminal.expect(f"acme-api belongs to {shell.folder} now")
        terminal.expect(f"May programs in {elsewhere.folder} use every token of acme-api?")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert elsewhere("run", "printenv", "TOKEN").text == "the value\n"
    assert shell("get", "keyring://acme-api/TOKEN").code == 2


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04", "\x03"])
def test_every_other_answer_binds_nothing(elsewhere: Shell, shell: Shell, answer: str) -> None:
    with elsewhere.terminal("bind", "acme-api") as terminal:
        terminal.expect("[y/N]")
        terminal.type(answer)
        assert terminal.end() == (130 if answer == "\x03" else 2)
    assert elsewhere("run", "printenv", "TOKEN").code == 125
    assert shell.get("TOKEN") == "the value"


def test_no_program_can_bind(elsewhere: Shell) -> None:
    for stdin in (b"y\n", b""):
        done = elsewhere("bind", "acme-api", stdin=stdin)
        assert (done.code, done.out) == (2, b"")
        assert done.err == "tokenward: Binding a folder needs a person at a terminal; run this in one.\n"
    assert elsewhere("run", "printenv", "TOKEN").code == 125


@pytest.mark.parametrize("arguments", [["Acme\x1b[2J"], ["acme", "no-such-folder"], ["../acme"], [""]])
def test_what_cannot_be_bound_is_refused_before_anybody_is_asked(
    bare_shell: Shell, arguments: list[str]
) -> None:
    with bare_shell.terminal("bind", "--", *arguments) as terminal:
        assert terminal.end() == 2
    assert "[y/N]" not in terminal.shown
    assert "\x1b" not in terminal.shown


def test_an_unbound_name_resolves_nowhere_and_its_tokens_stay(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    assert shell("workspaces").text == f"acme-api\t{shell.folder}\n"
    assert shell("unbind", "acme-api").code == 0
    assert shell("workspaces").text == ""
    assert shell("get", "keyring://acme-api/TOKEN").code == 2
    with shell.terminal("bind", "acme-api") as terminal:
        terminal.expect("[y/N]")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert shell.get("TOKEN") == "the value"


def test_unbinding_a_name_that_is_not_bound_says_so(bare_shell: Shell) -> None:
    done = bare_shell("unbind", "no\x1bsuch")
    assert (done.code, done.err) == (
        2,
        "tokenward: no?such belongs to no folder; see `tokenward workspaces`.\n",
    )
