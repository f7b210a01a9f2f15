"""`tokenward server`."""

from __future__ import annotations

import typer

from tokenward.errors import SettingsError
from tokenward.places import Places, shown


def server(
    tcp: str = typer.Option(
        "", "--tcp", metavar="HOST:PORT", help="Listen on this local address instead of using stdio."
    ),
) -> None:
    """Run the language server, on stdio by default."""
    from tokenward.lsp.run import serve_stdio, serve_tcp

    places = Places.of_user()
    if not tcp:
        serve_stdio(places)
        return
    try:
        serve_tcp(places, tcp)
    except OSError as error:
        reason = f"Cannot listen on {shown(tcp)} ({error.strerror}); choose another port."
        raise SettingsError(reason) from None
