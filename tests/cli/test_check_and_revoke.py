"""`tokenward check` and `revoke`, against a local provider that a user's rule file names."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import tokens
from canaries import leaks, leaks_in_files
from cli_shell import Shell
from provider import Provider, token, use_rules
from vault_calls import wait_for

TOKEN = token("cli")


@pytest.fixture
def asking(bare_shell: Shell, acme: Provider) -> Shell:
    """A shell without a keyring, a user's rule file, and a file with a matching token on its second line."""
    use_rules(bare_shell.environment, acme.rules())
    bare_shell.folder.joinpath("app.py").write_text(f"import os\nKEY = '{TOKEN}'\n")
    return bare_shell


def records(shell: Shell) -> list[tuple[str, dict[str, object]]]:
    """Return the records of checks and revocations in the ledger."""
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT event, detail FROM records ORDER BY id").fetchall()
    return [(event, json.loads(detail)) for event, detail in rows if event[:3] in {"che", "rev"}]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (200, 0, "works: 127.0.0.1:"),
        (401, 1, "does not work: 127.0.0.1:"),
        (500, 2, "could not find out whether the"),
    ],
)
def test_the_exit_code_says_whether_a_token_works(
    asking: Shell, acme: Provider, status: int, code: int, said: str
) -> None:
    acme.answers["/check"] = status
    done = asking("check", "app.py:2", "--yes", "--host", acme.host)
    assert (done.code, done.out) == (code, b"")
    assert said in done.err
    (event, detail) = records(asking)[0]
    assert (event, detail["hosts"], detail["rule"]) == ("checked", [acme.host], "custom.acme-key")


@pytest.mark.parametrize("verb", ["check", "revoke"])
@pytest.mark.parametrize(
    "options", [(), ("--yes",), ("--yes", "--host", "api.example.com"), ("--host", "api.example.com")]
)
def test_nothing_is_sent_without_a_yes_to_the_very_host(
    asking: Shell, acme: Provider, verb: str, options: tuple[str, ...]
) -> None:
    done = asking(verb, "app.py:2", *options)
    assert done.code == 2
    assert acme.requests == []
    assert records(asking) == []
    if "--yes" in options:
        assert f"--host {acme.host}" in done.err


def test_a_person_is_told_the_host_and_can_say_no(asking: Shell, acme: Provider) -> None:
    with asking.terminal("check", "app.py:2") as terminal:
        terminal.expect(f"be sent to {acme.host} (without encryption) and nowhere else")
        terminal.expect("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert acme.requests == []


def test_a_person_says_yes_twice_to_a_revocation(asking: Shell, acme: Provider) -> None:
    with asking.terminal("revoke", "app.py") as terminal:
        terminal.expect(f"{acme.host} (without encryption)")
        terminal.expect("[y/N]")
        terminal.type("y\n")
        terminal.expect("cannot be undone")
        assert acme.requests == []
        terminal.type("y\n")
        terminal.expect(" revoked the ")
        assert terminal.end() == 0
    assert acme.paths() == ["/check", "/revoke"]


@pytest.mark.parametrize(
    ("checked", "status", "code", "said", "event"),
    [
        (200, 200, 0, "It is still in", "revoked"),
        (401, 200, 0, "There was nothing to revoke", "revocation_not_sent"),
        (200, 403, 1, "did not revoke the", "revocation_refused"),
        (200, 500, 2, "It is unknown whether", "revocation_unknown"),
        (500, 200, 2, "was not revoked; nothing was changed", "revocation_not_sent"),
    ],
)
def test_a_revocation_is_announced_and_its_outcome_recorded(
    asking: Shell, acme: Provider, checked: int, status: int, code: int, said: str, event: str
) -> None:
    acme.answers = {"/check": checked, "/revoke": status}
    done = asking("revoke", "app.py:2:8", "--yes", "--host", acme.host)
    assert (done.code, said in done.err) == (code, True), done.err
    assert [one for one, _ in records(asking)] == ["revocation_started", event]


@pytest.mark.parametrize(
    ("way", "said", "event"),
    [
        ("check", "was not revoked; nothing was changed: it was cancelled.", "revocation_not_sent"),
        ("revoke", "It is unknown whether", "revocation_unknown"),
    ],
)
def test_a_revocation_that_a_person_interrupts_says_how_far_it_came(
    bare_shell: Shell, acme: Provider, way: str, said: str, event: str
) -> None:
    use_rules(bare_shell.environment, acme.rules(**{way: "/hang"}))
    bare_shell.folder.joinpath("app.py").write_text(f"import os\nKEY = '{TOKEN}'\n")
    with bare_shell.terminal("revoke", "app.py") as terminal:
        terminal.expect("[y/N]")
        terminal.type("y\n")
        terminal.expect("cannot be undone")
        terminal.type("y\n")
        wait_for(lambda: "/hang" in acme.paths())
        terminal.type("\x03")
        terminal.expect(said)
        assert terminal.end() == 2
    assert [one for one, _ in records(bare_shell)] == ["revocation_started", event]


def test_a_check_that_a_person_interrupts_says_so(bare_shell: Shell, acme: Provider) -> None:
    use_rules(bare_shell.environment, acme.rules(check="/hang"))
    bare_shell.folder.joinpath("app.py").write_text(f"import os\nKEY = '{TOKEN}'\n")
    with bare_shell.terminal("check", "app.py") as terminal:
        terminal.expect("[y/N]")
        terminal.type("y\n")
        wait_for(lambda: "/hang" in acme.paths())
        terminal.type("\x03")
        terminal.expect("it was cancelled")
        assert terminal.end() == 2
    assert [event for event, _ in records(bare_shell)] == ["checked"]


def test_a_value_comes_from_stdin_and_never_from_an_argument(asking: Shell, acme: Provider) -> None:
    done = asking("check", "-", "--yes", "--host", acme.host, stdin=f"{TOKEN}\n".encode())
    assert done.code == 0, done.err
    assert TOKEN in acme.requests[0].text
    refused = asking("check", TOKEN, "--yes", "--host", acme.host)
    assert refused.code == 2
    assert TOKEN not in refused.err
    assert len(acme.requests) == 1


@pytest.mark.parametrize("given", [b"", b"\n", b"\xff\xfe", b"x" * 200_000, b"no token at all"])
def test_what_is_no_token_is_refused(asking: Shell, acme: Provider, given: bytes) -> None:
    done = asking("check", "-", "--yes", "--host", acme.host, stdin=given)
    assert done.code == 2
    assert acme.requests == []


def test_of_several_tokens_one_must_be_named(asking: Shell, acme: Provider) -> None:
    asking.folder.joinpath("two.py").write_text(f"A = '{TOKEN}'; B = '{token(2)}'\n")
    assert "FILE:LINE:COLUMN" in asking("check", "two.py", "--yes", "--host", acme.host).err
    assert "FILE:LINE:COLUMN" in asking("check", "two.py:1", "--yes", "--host", acme.host).err
    assert acme.requests == []
    column = asking.folder.joinpath("two.py").read_text().index(token(2)) + 1
    assert asking("check", f"two.py:1:{column}", "--yes", "--host", acme.host).code == 0
    assert token(2) in acme.requests[0].text
    assert "No token was found" in asking("check", "app.py:1", "--yes", "--host", acme.host).err
    assert asking("check", "none.py:1", "--yes", "--host", acme.host).code == 2


def test_an_ignored_token_can_be_asked_about(asking: Shell, acme: Provider) -> None:
    asking.folder.joinpath("app.py").write_text(f"KEY = '{TOKEN}'  # tokenward:ignore\n")
    assert asking("check", "app.py", "--yes", "--host", acme.host).code == 0


def test_a_token_that_nobody_can_be_asked_about_says_how_it_ends(asking: Shell) -> None:
    asking.folder.joinpath("ws.env").write_text(f"GITLAB_TOKEN=gl{'wt-'}{tokens.gitlab()[6:]}\n")
    done = asking("revoke", "ws.env")
    assert done.code == 2
    assert "cannot revoke" in done.err
    assert "workspace" in done.err


def test_where_a_setting_leads_requests_for_aws_elsewhere_nothing_is_sent(asking: Shell) -> None:
    identity, secret = tokens.aws()
    asking.folder.joinpath("aws.env").write_text(
        f"AWS_ACCESS_KEY_ID={identity}\nAWS_SECRET_ACCESS_KEY={secret}\n"
    )
    host = "sts.us-east-1.amazonaws.com"
    shell = asking.having(AWS_ENDPOINT_URL_STS="https://elsewhere.example.com")
    done = shell("check", "aws.env:1", "--yes", "--host", host)
    assert (done.code, "AWS_ENDPOINT_URL_STS" in done.err) == (2, True), done.err
    config = Path(asking.environment["HOME"], ".aws", "config")
    config.parent.mkdir()
    config.write_text("[default]\nendpoint_url = https://elsewhere.example.com\n")
    done = asking("check", "aws.env:1", "--yes", "--host", host)
    assert (done.code, "endpoint_url" in done.err) == (2, True), done.err


def test_a_rule_of_a_workspace_that_nobody_trusts_is_not_asked_by(bare_shell: Shell, acme: Provider) -> None:
    rules = bare_shell.folder / ".tokenward" / "rules"
    rules.mkdir(parents=True)
    rules.joinpath("acme.yml").write_text(acme.rules())
    done = bare_shell("check", "-", "--yes", "--host", acme.host, stdin=TOKEN.encode())
    assert done.code == 2
    assert acme.requests == []


def test_a_rule_of_a_trusted_workspace_shows_its_host_and_leads_to_no_private_address(
    bare_shell: Shell, acme: Provider
) -> None:
    rules = bare_shell.folder / ".tokenward" / "rules"
    rules.mkdir(parents=True)
    rules.joinpath("acme.yml").write_text(acme.rules(base="https://127.0.0.1:9"))
    config = Path(bare_shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(f'trusted-folders = ["{bare_shell.folder}"]\n')
    bare_shell.folder.joinpath("app.py").write_text(f"KEY = '{TOKEN}'\n")
    with bare_shell.terminal("check", "app.py") as terminal:
        terminal.expect("127.0.0.1:9")
        terminal.expect("it may come from this workspace")
        terminal.type("y\n")
        terminal.expect("private network")
        assert terminal.end() == 2
    assert "cannot revoke" in bare_shell("revoke", "app.py").err


def test_a_stored_token_is_asked_about_by_its_reference(shell: Shell, acme: Provider) -> None:
    use_rules(shell.environment, acme.rules())
    shell.put("ACME_KEY", TOKEN)
    done = shell("check", "keyring://acme-api/ACME_KEY", "--yes", "--host", acme.host)
    assert done.code == 0, done.err
    done = shell("revoke", "keyring://acme-api/ACME_KEY", "--yes", "--host", acme.host)
    assert done.code == 0, done.err
    assert "keyring://acme-api/ACME_KEY now resolves to a dead token" in done.err
    assert shell.get("ACME_KEY") == TOKEN
    elsewhere = shell.folder.parent / "elsewhere"
    elsewhere.mkdir()
    count = len(acme.requests)
    stolen = shell.at(elsewhere)("check", "keyring://acme-api/ACME_KEY", "--yes", "--host", acme.host)
    assert stolen.code == 2
    assert len(acme.requests) == count


def test_no_value_is_left_behind(asking: Shell, acme: Provider) -> None:
    """Whatever the provider answers, the value is in no output, no record and no file of the user."""
    for checked, status in ((200, 200), (200, 403), (200, 500), (401, 200), (500, 200)):
        acme.answers = {"/check": checked, "/revoke": status}
        for verb in ("check", "revoke"):
            done = asking(verb, "app.py", "--yes", "--host", acme.host, TOKENWARD_LOG_LEVEL="debug")
            assert leaks(verb, done.out + done.err.encode(), [TOKEN]) == []
    assert len(records(asking)) == 15
    assert leaks_in_files(Path(asking.environment["HOME"]), [TOKEN]) == []
