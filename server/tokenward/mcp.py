"""`tokenward mcp`: an MCP server on stdio, by which an AI agent uses tokens; no tool returns a value."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, Process
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from tokenward import __version__
from tokenward.custody.bindings.bindings import Bindings
from tokenward.model import TOKEN_NAME, reference_of
from tokenward.places import Places

MOST_SHOWN = 20_000
"""Characters of a command's output that an agent gets: the beginning and the end."""
_BEGINNING = 4_000
LONGEST_RUN = 600
ANSWER_SECONDS = 300.0
"""Seconds for a person to answer, which every verb limits itself."""
MOST_FINDINGS = 200
_BRIEF = ("path", "rule", "provider", "severity", "label")
_EXPLAINED = (*_BRIEF, "kind", "lifetime", "scope", "works_elsewhere", "issued", "expires", "ends", "page")
MOST_READ = 1_000_000
"""Bytes of output that are kept; the rest is read and dropped, so that the command can go on."""
PROGRAM = (sys.executable, "-P", "-m", "tokenward.cli")
"""The command `tokenward`; with -P, no module in the current folder is taken for one of ours."""
_AGENT = "an MCP client"
INSTRUCTIONS = (
    "Tokens of this workspace are in the OS keyring. Files refer to them as keyring://WORKSPACE/NAME, and code reads "
    "the environment variable NAME. Never ask the user to paste a token into the chat: use request_token. Run programs "
    "that need tokens with run_command, or ask the user to start them with `tokenward run`."
)


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools for one workspace folder."""

    folder: Path

    async def list_tokens(self) -> dict[str, Any]:
        """List the stored tokens that this workspace may use: names, references and leases, never values."""
        tokens = _parsed(await run_verb(self.folder, "list", "--format", "json"))["tokens"]
        bindings = Bindings(Places.of_user().custody)
        names = bindings.names_in(bindings.workspace_root(self.folder))
        # A person who tries the server is shown all by `list`; its own workspace is all that it is for.
        own = [
            one for one in tokens if (found := reference_of(one["reference"])) and found.workspace in names
        ]
        return {"tokens": [{key: value for key, value in one.items() if key != "folder"} for one in own]}

    async def request_token(self, name: str, reason: str) -> dict[str, Any]:
        """Ask the user to enter a token in their editor; it is stored, and .env gains a reference to it.

        Use this instead of asking for a token in the chat. Read the token in code from the variable of this name.

        Args:
            name: the variable, such as GITHUB_TOKEN.
            reason: why you need it, in a few plain words, which the user sees.
        """
        _require_names([name])
        asked = ("put", "--in-editor", f"--reason={reason}", "--", name)
        done = await run_verb(self.folder, *asked, seconds=ANSWER_SECONDS)
        if done.code != 0:
            raise ToolError(_failure(done))
        return {"stored": name, "said": f"{done.out}{done.err}".strip()}

    async def run_command(
        self, command: list[str], tokens: list[str], reason: str, timeout_seconds: int = 300
    ) -> dict[str, Any]:
        """Run a command with tokens in its environment, once the user has agreed; tokens in its output are masked.

        Args:
            command: the program and its arguments, without a shell.
            tokens: the variables that it needs, which .env assigns to references.
            reason: why it needs them, in a few plain words, which the user sees.
            timeout_seconds: after which it is killed, at most 600; the time for the user's answer counts too.
        """
        _require_names(tokens)
        if not command:
            raise ToolError("The command is empty; name a program.")
        chosen = ["--only", ",".join(tokens)] if tokens else ["--no-env-file"]
        seconds = float(min(max(timeout_seconds, 1), LONGEST_RUN))
        # `exec --mask` masks all stored values for an agent, and what rules recognise; `run` only its own.
        masked = ("exec", "--mask", "--", *PROGRAM)
        run = ("run", "--no-mask", *chosen, f"--reason={reason}", "--", *command)
        done = await run_verb(self.folder, *masked, *run, seconds=seconds)
        return {
            "exit_code": done.code,
            "timed_out": done.code is None,
            "stdout": _shortened(done.out),
            "stderr": _shortened(done.err),
        }

    async def scan(self, path: str = ".", text: str = "") -> dict[str, Any]:
        """Find tokens in a file or folder of the workspace, or in a text, such as one that you are about to write.

        Args:
            path: the file or folder; ignored if there is a text.
            text: the text.
        """
        found = await self._findings(path, text)
        return {
            "findings": [_place(one, _BRIEF) for one in found[:MOST_FINDINGS]],
            "left_out": max(0, len(found) - MOST_FINDINGS),
        }

    async def explain(self, path: str, line: int) -> dict[str, Any]:
        """Explain the tokens on a line of a file: what they give access to, how long they last, how to revoke them.

        Args:
            path: the file.
            line: the line, counted from 1.
        """
        found = await self._findings(path, "")
        return {
            "findings": [_place(one, _EXPLAINED) for one in found if one["start"]["line"] == line - 1],
            "next": f"Ask the user to move the token into the keyring, in the editor or with `tokenward move {path}`.",
        }

    async def _findings(self, path: str, text: str) -> list[dict[str, Any]]:
        """Return the findings of a JSON report."""
        where = ("--stdin",) if text else ("--", self._inside(path))
        report = _parsed(
            await run_verb(self.folder, "scan", "--format", "json", *where, text=text, seconds=300.0)
        )
        findings: list[dict[str, Any]] = report["findings"]
        return findings

    def _inside(self, path: str) -> str:
        whole = Path(self.folder, path).resolve()
        if not whole.is_relative_to(self.folder):
            raise ToolError("The path is outside of the workspace; name one inside.")
        return str(whole)


def _shortened(text: str) -> str:
    """Return a text without its middle if it is long."""
    left_out = len(text) - MOST_SHOWN
    if left_out <= 0:
        return text
    return f"{text[:_BEGINNING]}\n… {left_out:,} characters left out …\n{text[_BEGINNING - MOST_SHOWN :]}"


def _require_names(names: list[str]) -> None:
    for name in names:
        if not TOKEN_NAME.fullmatch(name):
            raise ToolError("A token's name consists of letters, digits and underscores; see `list_tokens`.")


def _parsed(done: Ended) -> dict[str, Any]:
    """Return the JSON that a verb printed."""
    try:
        parsed: dict[str, Any] = json.loads(done.out)
    except ValueError:
        raise ToolError(_failure(done)) from None
    return parsed


def _failure(done: Ended) -> str:
    """Return a verb's own last sentence on stderr; these hold no value."""
    lines = done.err.strip().splitlines()
    return lines[-1] if lines and done.code is not None else "Tokenward did not answer in time; try again."


def _place(finding: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {"line": finding["start"]["line"] + 1, **{key: finding[key] for key in keys}}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a verb ended.

    Attributes:
        code: its exit code; None if it ran out of time.
        out: its output, without the part of a line after which it was cut.
        err: what it wrote to stderr, cut in the same way.
    """

    code: int | None
    out: str
    err: str


async def run_verb(folder: Path, *arguments: str, text: str = "", seconds: float = 60.0) -> Ended:
    """Run a verb in a folder; kill it and what it started after some seconds, or when this is cancelled.

    Args:
        folder: its current folder.
        arguments: the verb and its arguments.
        text: its input.
        seconds: its time limit.
    """
    # Whatever starts an MCP server acts for an agent, also with an empty variable.
    environment = {**os.environ, "AI_AGENT": os.environ.get("AI_AGENT") or _AGENT}
    process = await anyio.open_process(
        [*PROGRAM, *arguments], cwd=folder, env=environment, start_new_session=True, stderr=subprocess.PIPE
    )
    out, err = bytearray(), bytearray()
    try:
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_send, process, text)
                tasks.start_soon(_keep, process.stdout, out)
                tasks.start_soon(_keep, process.stderr, err)
            return Ended(await process.wait(), _whole_lines(out), _whole_lines(err))
        return Ended(None, _whole_lines(out), _whole_lines(err))
    finally:
        _kill(process)
        with anyio.CancelScope(shield=True):
            await process.aclose()


async def _send(process: Process, text: str) -> None:
    assert process.stdin is not None  # noqa: S101 - a pipe
    try:
        await process.stdin.send(text.encode())
    except anyio.BrokenResourceError:
        pass
    finally:
        await process.stdin.aclose()


async def _keep(stream: ByteReceiveStream | None, kept: bytearray) -> None:
    assert stream is not None  # noqa: S101 - a pipe
    async for chunk in stream:
        # One byte more, which tells that something is missing.
        kept += chunk[: MOST_READ + 1 - len(kept)]


def _whole_lines(kept: bytearray) -> str:
    """Return what was kept; half a token at its end would not be recognised."""
    if len(kept) > MOST_READ:
        del kept[kept.rfind(b"\n") + 1 :]
    return kept.decode(errors="replace")


def _kill(process: Process) -> None:
    """Kill the verb, and on POSIX all of its process group."""
    try:
        if os.name == "nt":  # pragma: no cover - Windows alone
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def mcp_server(folder: Path) -> MCPServer:
    """Return the server for a workspace folder, which must be absolute and without links."""
    tools = Tools(folder)
    server = MCPServer(
        "tokenward", title="Tokenward", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR"
    )
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    adds = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
    runs = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True)
    for tool, hints in (
        (tools.list_tokens, reads),
        (tools.request_token, adds),
        (tools.run_command, runs),
        (tools.scan, reads),
        (tools.explain, reads),
    ):
        server.add_tool(tool, annotations=hints)
    return server


def serve(folder: Path) -> None:
    """Serve one client on stdio, until it closes the stream."""
    mcp_server(folder).run("stdio")
