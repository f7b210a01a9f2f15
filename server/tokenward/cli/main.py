"""The entry point of the `tokenward` command, and how it ends on a failure."""

from __future__ import annotations

import gc
import os
import sys

from tokenward import core_dumps, thin_client

# A command that a daemon answers loads nothing else.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

FAILED = 2
"""Exit code of an expected failure; `run` and `exec` use others, because their command has exit codes too."""
UNEXPECTED = 70
"""Exit code of a bug in Tokenward (EX_SOFTWARE of sysexits.h)."""
INTERRUPTED = 130
_COLLECTED_AFTER = 50_000
CUT_OFF = 1
"""Exit code when the program that read the output has ended."""


def main() -> NoReturn:
    """Run the command `tokenward`."""
    _exit_after(_run_verb)


def git_credential() -> NoReturn:
    """Run `git-credential-tokenward`, which git starts for a password."""
    _exit_after(lambda: _help_tool("git"))


def docker_credential() -> NoReturn:
    """Run `docker-credential-tokenward`, which docker starts for a password."""
    _exit_after(lambda: _help_tool("docker"))


def cargo_credential() -> NoReturn:
    """Run `cargo-credential-tokenward`, which cargo starts for a registry's token."""
    _exit_after(lambda: _help_tool("cargo"))


def keyring_credential() -> NoReturn:
    """Answer our backend of `keyring`, which pip, uv, twine and Poetry ask for an index's password."""
    _exit_after(lambda: _help_tool("keyring"))


def agent_shell() -> NoReturn:
    """Run `tokenward-agent-shell`, by which Claude Code starts its shell, its hooks and its MCP servers."""
    sys.argv[0] = sys.argv[0].removesuffix(thin_client.AGENT_SHELL)
    _exit_after(_run_line)


def _run_verb() -> int:
    words = sys.argv[1:]
    if thin_client.is_run(words) and (code := _start_answered(words)) is not None:
        return code
    if thin_client.is_hook(words):
        return _answer_hook(words)
    if thin_client.is_masked(words):
        from tokenward.masked_start import run_masked

        code = run_masked(words)
        return _work_here() if code is None else code
    if not thin_client.is_get(words) or os.isatty(1):
        return _work_here()
    code = _answered(words)
    return _then_start_daemon(_work_here()) if code is None else code


def _run_line() -> int:
    """Answer an agent's hook, or run a line of its shell masked; what it starts for itself has to say what it says."""
    line = sys.argv[1] if len(sys.argv) == 2 else ""
    program, _, agent = line.rpartition(" agents hook ")
    if program.strip("'") == sys.argv[0] and thin_client.is_hook(["agents", "hook", agent]):
        sys.argv[1:] = ["agents", "hook", agent]
    elif os.environ.get("AI_AGENT", "").endswith("_harness"):
        core_dumps.allow_again()
        thin_client.become("/bin/sh", ["sh", "-c", line], dict(os.environb))
    else:
        # In the person's terminal it could type (TIOCSTI), and what it typed would count as the person's.
        if os.name != "nt" and os.getpid() != os.getpgrp():
            os.setsid()
        sys.argv[1:] = ["exec", "--mask", "--", os.environ.get("SHELL") or "sh", "-c", line]
    return _run_verb()


def _work_here() -> int:
    """Do the work of the command line, with the toolkit only if it has to be read by that."""
    import tokenward.fast_dataclasses  # noqa: F401 - before all else that imports `dataclasses`
    from tokenward.cli.direct import direct_work

    if work := direct_work(sys.argv[1:]):
        from tokenward.cli.support.leftovers import remove_leftovers

        remove_leftovers()
        return work()
    from tokenward.cli.app import app
    from tokenward.cli.support.terminal import replace_unprintable

    replace_unprintable()
    # On Windows the toolkit would expand `*`, `%X%`, `$X` and `~`, even in the arguments of a command to run.
    return int(app(prog_name="tokenward", standalone_mode=False, windows_expand_args=False) or 0)


def _start_answered(words: list[str]) -> int | None:
    """Become the command of a `run` as a daemon says; return the exit code if it may not; None without an answer."""
    answer = thin_client.ask(words)
    if answer is None:
        return None
    code, output, messages = answer
    thin_client.write_all(2, messages)
    if code == 0:
        core_dumps.allow_again()
        thin_client.start_answered(words, output)
    return code


def help_tool_and_exit(tool: str) -> NoReturn:
    """Run a credential helper for the thin client, which no daemon answered."""
    _exit_after(lambda: _help_tool(tool, is_asked=True))


def _help_tool(tool: str, *, is_asked: bool = False) -> int:
    # Without the command-line toolkit, because these programs have nothing to parse.
    request = None if is_asked else thin_client.request_of(tool, sys.argv[1:])
    if request and (code := _answered(*request)) is not None:
        return code
    import io

    import tokenward.fast_dataclasses  # noqa: F401 - before all else that imports `dataclasses`
    from tokenward.cli.support.credential_helper import help_tool

    given = io.BytesIO(request[1]) if request and tool in thin_client.HELPERS else None
    return _then_start_daemon(help_tool(tool, sys.argv[1:], given))


def _answer_hook(words: list[str]) -> int:
    given, is_whole = thin_client.hook_input() if thin_client.socket_path() else (b"", False)
    code = _answered(words, given, thin_client.HOOKS_DAEMON) if is_whole else None
    if code is None:
        import tokenward.fast_dataclasses  # noqa: F401 - before all else that imports `dataclasses`
        from tokenward.cli.support.agent_hook import answer_hook

        answer_hook(words[2], given)
    return code


def _answered(
    words: list[str], given: bytes = b"", daemon: tuple[str, ...] = thin_client.DAEMON
) -> int | None:
    """Print a daemon's answer and return its exit code; None without one."""
    answer = thin_client.ask(words, given, daemon)
    return None if answer is None else thin_client.print_answer(answer)


def _then_start_daemon(code: int) -> int:
    if code == 0:
        from tokenward.cli.support.start_daemon import start_daemon

        start_daemon()
    return code


def _exit_after(work: Callable[[], int]) -> NoReturn:
    """Do the work; report a failure as one sentence on stderr and an exit code, never as a traceback."""
    # Modules and classes stay; collections while they load take a twentieth of the time.
    gc.set_threshold(_COLLECTED_AFTER)
    try:
        core_dumps.prevent()
        # Closed standard descriptors are opened, so that no file of ours becomes a standard stream.
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)
        code = work()
        if sys.stdout is not None and not sys.stdout.closed:
            _flush_output()
    except BaseException as error:  # noqa: BLE001 - a traceback may hold a value
        import contextlib

        code = UNEXPECTED
        # If the report fails too, silence is better than a traceback of both.
        with contextlib.suppress(BaseException):
            code = _report(error)
            _drop_output()
    # The interpreter would search everything for garbage twice before it ends.
    gc.freeze()
    sys.exit(code)


def _flush_output() -> None:
    try:
        sys.stdout.flush()
    except OSError as error:
        from tokenward.cli.support.terminal import named_output_failures

        with named_output_failures():
            raise error  # noqa: TRY201 - under the name of the failure


def _report(error: BaseException) -> int:
    """Print a failure and return its exit code."""
    import errno

    from tokenward.cli.support.terminal import is_reader_gone
    from tokenward.errors import TokenwardError

    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    if isinstance(error, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt):
        return INTERRUPTED
    if is_reader_gone(error):
        return CUT_OFF
    if isinstance(error, TokenwardError):
        _print_error(str(error))
        return FAILED
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        _print_error(f"{error.strerror}; free some space and try again.")
        return FAILED
    return _report_usage(error)


def _report_usage(error: BaseException) -> int:
    """Print the toolkit's complaint about the command line; any other failure is unexpected."""
    import re
    import traceback
    from pathlib import PurePath

    import typer

    from tokenward.cli.run.exits import NOT_STARTED

    if isinstance(error, typer.Abort):
        _print_error("The input ended before an answer was given; nothing was changed.")
        return FAILED
    if not hasattr(error, "format_message"):
        frames = reversed(traceback.extract_tb(error.__traceback__)[-3:])
        places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
        _print_error(f"Unexpected {type(error).__name__} at {places}; please report this.")
        return UNEXPECTED
    # An extra argument is not repeated, because it may be a value that belongs on stdin.
    message = re.sub(
        r"(Got unexpected extra argument).*", r"\1s", str(error.format_message()), flags=re.DOTALL
    )
    # Neither is any other word that is too long for an option or a verb.
    message = re.sub(r"[^\s'\"]{25,}", "…", message)
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "tokenward"
    if "\n" in message:  # the help, because there is no verb
        typer.echo(message, err=True)
    else:
        _print_error(f"{message.rstrip('.')}; see `{command} --help`.")
    return NOT_STARTED if command in {"tokenward run", "tokenward exec"} else FAILED


def _print_error(text: str) -> None:
    import contextlib

    from tokenward.cli.support.terminal import note

    with contextlib.suppress(OSError):
        note(text)


def _drop_output() -> None:
    """Discard output that cannot be written; otherwise Python complains at exit."""
    try:
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
