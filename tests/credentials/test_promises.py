"""What every credential helper promises: to a process that speaks its protocol, and with the real tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from cli_shell import TOKENWARD, Done, Shell
from credential_checks import add_record, assert_no_value_in_files, end_lease, needs, start, uses
from credentials.real_tools import IN_OUR_ENVIRONMENT, KEYRING, REAL_TOOLS
from hostile import REFERENCE, TOKEN, ledger

HOST = "example.com"
INDEX = f"sparse+https://{HOST}/index"
GREETING = '{"v": [1]}\n'
CARGO_ASKS = {"v": 1, "registry": {"index-url": f"{INDEX}/"}, "kind": "get", "operation": "read"}
KUBERNETES = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": {}}


def program(tool: str) -> str:
    return str(Path(TOKENWARD).with_name(f"{tool}-credential-tokenward"))


@dataclass(frozen=True)
class Protocol:
    """How a tool asks.

    Attributes:
        command: the helper.
        request: its stdin.
        record: the address of the record; empty if the request names the token.
        unknown: the exit code and the answer for a host without a record, as other helpers have them.
    """

    command: list[str]
    request: str = ""
    record: str = ""
    unknown: tuple[int, str] = (0, "")


PROTOCOLS: Mapping[str, Protocol] = {
    "git": Protocol([program("git"), "get"], f"protocol=https\nhost={HOST}\n", f"https://{HOST}"),
    "docker": Protocol(
        [program("docker"), "get"],
        f"{HOST}\n",
        f"https://{HOST}",
        (1, "credentials not found in native keychain\n"),
    ),
    "cargo": Protocol(
        [program("cargo"), "--cargo-plugin"],
        f"{json.dumps(CARGO_ASKS)}\n",
        INDEX,
        (0, f'{GREETING}{{"Err": {{"kind": "not-found"}}}}\n'),
    ),
    "keyring": Protocol(
        [str(KEYRING), "get", f"https://{HOST}/simple", "alice"], "", f"https://{HOST}/simple", (1, "")
    ),
    "aws": Protocol([TOKENWARD, "credential", "aws", "ABCDEFGH1234", REFERENCE]),
    "kubectl": Protocol([TOKENWARD, "credential", "kubectl", REFERENCE]),
    "headers": Protocol([TOKENWARD, "credential", "headers", f"Authorization: Bearer {REFERENCE}"]),
    "key": Protocol([TOKENWARD, "credential", "key", REFERENCE]),
}


@pytest.mark.parametrize("tool", PROTOCOLS)
def test_a_helper_answers_its_own_workspace_alone(
    owner: Shell, clone: Shell, tmp_path: Path, tool: str
) -> None:
    protocol = PROTOCOLS[tool]

    def ask(shell: Shell) -> Done:
        # Only kubectl's helper reads it.
        shell = shell.having(KUBERNETES_EXEC_INFO=json.dumps(KUBERNETES))
        return start(shell, protocol.command, protocol.request.encode())

    if protocol.record:
        add_record(owner, "https://elsewhere.example.com")
        nothing = ask(owner)
        assert ((nothing.code, nothing.text), nothing.err) == (protocol.unknown, "")
        assert uses(owner) == []
        add_record(owner, protocol.record)
    done = ask(owner)
    assert (done.code, done.err, TOKEN in done.text) == (0, "", True)
    refused = {"belongs to": ask(clone), "Claude Code": ask(owner.having(CLAUDECODE="1"))}
    end_lease(owner)
    refused["has no uses left"] = ask(owner)
    for why, answer in refused.items():
        said = answer.text + answer.err
        assert why in said
        assert TOKEN not in said
    name = f"{tool}:{protocol.record}" if protocol.record else tool
    assert uses(owner) == [("resolved", name), *[("refused", name)] * 3]
    assert_no_value_in_files(owner, tmp_path)


@pytest.mark.parametrize("tool", [tool for tool, protocol in PROTOCOLS.items() if not protocol.record])
def test_nothing_is_shown_on_a_terminal_without_a_yes(owner: Shell, tool: str) -> None:
    with owner.terminal(*PROTOCOLS[tool].command[1:]) as terminal:
        terminal.expect("[y/N]")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert TOKEN not in terminal.shown
    assert uses(owner) == []


@pytest.mark.parametrize(
    "tool",
    [pytest.param(tool, marks=() if tool in IN_OUR_ENVIRONMENT else needs(tool)) for tool in REAL_TOOLS],
)
def test_a_real_tool_logs_in_from_its_workspace_alone(
    owner: Shell, clone: Shell, tmp_path: Path, tool: str
) -> None:
    place = tmp_path / "tool"
    place.mkdir()
    with REAL_TOOLS[tool](owner, place) as real:

        def run(shell: Shell) -> Done:
            command = real.command(shell.folder, Path(mkdtemp(dir=tmp_path)))
            return start(shell.having(**real.variables), command)

        if real.record:
            nothing = run(owner)
            assert (real.logins(), uses(owner)) == (0, [])
            assert nothing.code != 0
            assert "tokenward: " not in nothing.err
            add_record(owner, *real.record)
        done = run(owner)
        assert done.code == 0, done.text + done.err
        logins = real.logins()
        assert logins
        elsewhere = run(clone)
        end_lease(owner)
        ended = run(owner)
        assert real.logins() == logins
    assert 0 not in (elsewhere.code, ended.code)
    if real.shows_why:
        assert f"acme-api belongs to {owner.folder}" in elsewhere.err
        assert "has no uses left" in ended.err
    rows = [row for row in ledger(owner) if row.detail.get("purpose") == real.purpose]
    mine = [row for row in rows if str(row.detail.get("command", "")).startswith(real.asked)]
    assert {row.event for row in mine} == {"resolved", "refused"}
    assert mine[0].event == "resolved"
    assert_no_value_in_files(owner, tmp_path)
