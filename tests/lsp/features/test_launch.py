"""tokenward/launch: a debugger gets the same tokens as under `tokenward run`, or the reason for a refusal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pygls.exceptions import JsonRpcException

import tokens
from cli_shell import Shell
from lsp_client import Editor, editor
from tokenward.lsp.client.guard import failing

REFERENCE = "keyring://acme-api/GITHUB_TOKEN"
FAILED = -32803


async def launch(one: Editor, folder: Path, *args: str, **more: Any) -> Any:
    params = {"uri": folder.as_uri(), "env": {}, "envFiles": [], "args": list(args), "program": None, **more}
    return await one.ask("tokenward/launch", params)


async def refusal(one: Editor, folder: Path, *args: str, **more: Any) -> str:
    with pytest.raises(JsonRpcException) as failure:
        await launch(one, folder, *args, **more)
    assert failure.value.code == FAILED
    return failure.value.message


@asynccontextmanager
async def started(environment: dict[str, str], folder: Path) -> AsyncIterator[Editor]:
    """An editor whose server is ready."""
    async with editor(environment, folder) as one:
        one.open((folder / "x.py").as_uri(), "x = 1\n")
        await one.diagnostics((folder / "x.py").as_uri())
        yield one


async def test_references_are_resolved_at_the_start_and_on_record(
    unlocked: dict[str, str], folder: Path
) -> None:
    """In variables from an environment file or the editor, and in arguments: all or none, in their workspace only."""
    token, shell = tokens.github(), Shell({**unlocked, "OUTER": "from the shell"}, folder)
    shell.put("GITHUB_TOKEN", token)
    shell.write_env(f"GITHUB_TOKEN={REFERENCE}", "URL=https://x:${GITHUB_TOKEN}@h/${OUTER}", "A=1\nB=1")
    other = folder.parent / "other"
    other.mkdir()
    file = str(folder / ".env")
    async with editor(shell.environment, folder, folders=[folder, other]) as one:
        one.open((folder / "x.py").as_uri(), "x = 1\n")
        await one.diagnostics((folder / "x.py").as_uri())
        env = {"B": "2", "odd.name-1": f"<{REFERENCE}>"}
        answer = await launch(one, folder, f"--token={REFERENCE}", "🔑", env=env, envFiles=[file])
        assert answer == {
            "env": {
                "GITHUB_TOKEN": token,
                "URL": f"https://x:{token}@h/from the shell",
                "A": "1",
                "B": "2",
                "odd.name-1": f"<{token}>",
            },
            "args": [f"--token={token}", "🔑"],
            "changed": True,
        }
        assert "launch" in shell("ledger", "show").text

        plain = {"env": {"A": "${X}"}, "args": ["-v"], "changed": False}
        assert (
            await launch(one, folder, "-v", env={"A": "${X}"}, envFiles=[str(folder / "none.env")]) == plain
        )

        assert "NOT_STORED" in await refusal(one, folder, REFERENCE, "keyring://acme-api/NOT_STORED")
        assert "acme-api belongs to" in await refusal(one, other, REFERENCE)
        assert "open" in await refusal(one, folder.parent, REFERENCE)
        assert "looks like a reference" in await refusal(one, folder, "keyring://acme-api/")
        (folder / "folder.env").mkdir()
        assert "folder.env" in await refusal(one, folder, REFERENCE, envFiles=[str(folder / "folder.env")])
        for wrong in (
            {"env": {"A": 1}},
            {"env": {"A=B": ""}},
            {"env": None},
            {"envFiles": ["relative.env"]},
            {"args": [None]},
            {"program": ["sh"]},
            {"program": "a\0b"},
            {"uri": None},
        ):
            assert token not in await refusal(one, folder, **{"args": [REFERENCE], **wrong})
        assert one.messages == []
    assert token not in "".join(one.logs)


async def test_a_lease_holds_for_what_a_debugger_starts(unlocked: dict[str, str], folder: Path) -> None:
    """As for any use, a client gets only what its user approves, for this program."""
    token, shell = tokens.github(), Shell(unlocked, folder)
    shell.put("GITHUB_TOKEN", token)
    tool = shell.write_script("tool", "#!/bin/sh\n")
    assert shell("lease", "GITHUB_TOKEN", "--confirm", "always", "--only", str(tool)).code == 0
    async with started(unlocked, folder) as one:
        assert "only for" in await refusal(one, folder, REFERENCE)
        assert "only for" in await refusal(one, folder, REFERENCE, program="sh")
        one.choices = ["Once", "Deny"]
        assert (await launch(one, folder, REFERENCE, program=str(tool)))["args"] == [token]
        assert "denied" in await refusal(one, folder, REFERENCE, program="./tool")
        questions = [message for message in one.messages if "to start a program from the editor" in message]
        assert len(questions) == 2
        assert all("GITHUB_TOKEN" in question and str(tool) in question for question in questions)
        assert token not in "".join(one.messages)


async def test_a_failure_that_nobody_expected_is_told_by_its_type_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its message may contain a value."""
    token = tokens.github()

    async def fail(_: Any) -> None:
        raise ValueError(token)

    with pytest.raises(JsonRpcException, match="ValueError") as failure:
        await failing(fail)(None)
    assert failure.value.code == FAILED
    assert token not in failure.value.message + caplog.text
