"""The `tokenward` command: its verbs, and how a failure ends it."""

from __future__ import annotations

import sys

import typer

from tokenward import __version__
from tokenward.cli import binding, doctor, inject, move, run, server, stored, vault
from tokenward.errors import TokenwardError

FAILED = 2
"""Exit code of an expected failure; `run` has its own, since its command has codes too."""
UNEXPECTED = 70
"""Exit code of a fault of ours (EX_SOFTWARE of sysexits.h)."""

app = typer.Typer(
    name="tokenward",
    help="Finds tokens where developers work and keeps them in the OS keyring.",
    no_args_is_help=True,
    # A traceback with its local variables would show values.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (server, run, stored, move, inject, binding, doctor):
    module.register(app)
app.add_typer(vault.app, name="vault")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tokenward {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Find tokens where developers work and keep them in the OS keyring."""


def main() -> None:
    """Run the command; a failure is one sentence on stderr and an exit code, never a traceback."""
    try:
        app()
    except TokenwardError as error:
        typer.echo(f"tokenward: {error}", err=True)
        sys.exit(FAILED)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        frames = _places(error)
        typer.echo(f"tokenward: unexpected {type(error).__name__} at {frames}; please report this.", err=True)
        sys.exit(UNEXPECTED)


def _places(error: Exception) -> str:
    import traceback
    from pathlib import PurePath

    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
