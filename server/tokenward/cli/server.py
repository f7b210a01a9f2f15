"""`tokenward server`."""

from __future__ import annotations

import typer

from tokenward.places import Places


def register(app: typer.Typer) -> None:
    app.command()(server)


def server(
    tcp: str = typer.Option(
        "", "--tcp", metavar="HOST:PORT", help="Listen on this machine instead of stdio."
    ),
) -> None:
    """Run the language server, over stdio unless told otherwise."""
    from tokenward.lsp.serving import serve_stdio, serve_tcp

    places = Places.of_user()
    if tcp:
        serve_tcp(places, tcp)
    else:
        serve_stdio(places)
