"""`tokenward mcp`."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import typer

from tokenward.errors import TokenwardError


def mcp(
    folder: Path = typer.Option(
        Path(), "--folder", metavar="DIR", help="The workspace; by default the current folder."
    ),
) -> None:
    """Serve AI agents by the Model Context Protocol, on stdio.

    An agent lists tokens by name, asks you to store one, runs commands with tokens once you have agreed, and scans
    files. It never gets a value.
    """
    if importlib.util.find_spec("mcp") is None:
        raise TokenwardError("The MCP library is not installed; run `pipx install tokenward[mcp]`.")
    if not folder.is_dir():
        raise TokenwardError("The folder does not exist; check `--folder`.")
    from tokenward.mcp import serve

    serve(Path(os.path.realpath(folder)))
