"""`tokenward review`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.dates import moment_of
from tokenward.cli.support.terminal import print_text, say

if TYPE_CHECKING:
    from tokenward.operations.review.model import LogReview
    from tokenward.operations.review.uses import Network

STRANGE = 1
"""Exit code for uses that are not ours, or that came after a token's end; 0 is for none."""


class Format(StrEnum):
    """How a review is printed."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"


def register(app: typer.Typer) -> None:
    app.command()(review)


def review(
    more: list[Path] = typer.Argument(None, metavar="[FILE]...", help="More logs, as for `--log`."),
    *,
    log: list[Path] = typer.Option(
        ...,
        "--log",
        metavar="FILE",
        help="An access log of GitHub, AWS CloudTrail or GitLab.",
    ),
    format_: Format = typer.Option(
        Format.TABLE, "--format", help="A table for people, JSON for programs, or a page to hand on."
    ),
    output: Path | None = typer.Option(
        None,
        "-o",
        "--output",
        metavar="FILE",
        help="Write there, for you alone to read, instead of printing.",
    ),
    ours: list[str] = typer.Option(
        [],
        "--ours",
        metavar="ADDRESS",
        help="An address or network (10.0.0.0/8) that is yours; again for more.",
    ),
    since: str | None = typer.Option(None, "--since", metavar="TIME", help="What is older does not count."),
    until: str | None = typer.Option(None, "--until", metavar="TIME", help="What is younger does not count."),
    map_: Path | None = typer.Option(
        None,
        "--map",
        metavar="FILE",
        help="Where a log of any other format has what is needed; see docs/reference/review.md.",
    ),
) -> None:
    """Compare what happened to your tokens here with access logs.

    Tells for each token which uses in the logs are not yours, and which came after it was revoked. Needs no value, and
    asks nobody. Exits with 0 if nothing is strange, 1 if something is, 2 if the logs could not be read.
    """
    from tokenward.custody.ledger.histories import histories
    from tokenward.custody.ledger.ledger import Ledger
    from tokenward.custody.store.fingerprints import Fingerprinter, load_key
    from tokenward.operations.review.review import ReviewRequest
    from tokenward.operations.review.review import review_logs as compare
    from tokenward.places import Places
    from tokenward.sources.logs.mapping import LogMapping, read_mapping

    mapping = read_mapping(map_) if map_ else LogMapping()
    choice = ReviewRequest(
        (*log, *(more or ())), mapping, _networks(ours), moment_of(since), moment_of(until, is_end=True)
    )
    places = Places.of_user()
    tokens = histories(Ledger(places.ledger).records())
    found = compare(tokens, choice, Fingerprinter(load_key(places.fingerprint_key)))
    _give(found, format_, output)
    if found.is_strange:
        raise typer.Exit(STRANGE)


def _give(found: LogReview, format_: Format, output: Path | None) -> None:
    from tokenward.operations.report.write import write_report
    from tokenward.places import shown

    if output is None and format_ is Format.TABLE:
        from rich.console import Console

        from tokenward.cli.ledger_output.review_table import print_review

        print_review(found, Console())
    elif output is None:
        print_text(_rendered(found, format_))
    else:
        write_report(output, _rendered(found, format_))
        say(f"The review is in {shown(output)}.")


def _rendered(found: LogReview, format_: Format) -> str:
    if format_ is Format.JSON:
        from tokenward.presentation.reviews import json_review

        return json_review.render(found)
    if format_ is Format.HTML:
        import time

        from tokenward.phrases import moment
        from tokenward.presentation.reviews import html_review

        return html_review.render(found, moment(time.time()))
    import io

    from rich.console import Console

    from tokenward.cli.ledger_output.review_table import print_review

    stream = io.StringIO()
    print_review(found, Console(file=stream, force_terminal=False))
    return stream.getvalue()


def _networks(names: list[str]) -> tuple[Network, ...]:
    import ipaddress

    from tokenward.errors import TokenwardError

    try:
        return tuple(ipaddress.ip_network(name.strip(), strict=False) for name in names)
    except ValueError:
        reason = "`--ours` names no address; write it as 198.51.100.7, 10.0.0.0/8 or 2001:db8::/32."
    raise TokenwardError(reason)
