"""`tokenward review`."""

from __future__ import annotations

import io
import ipaddress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from tokenward.cli.support.options import moment_of
from tokenward.cli.support.terminal import console_text, print_text, say
from tokenward.custody.ledger.histories import histories
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.store.fingerprints import Fingerprinter, load_key
from tokenward.errors import TokenwardError
from tokenward.language import moment
from tokenward.operations.recording import is_gate
from tokenward.operations.review.model import LogReview, ReviewedToken, ReviewVerdict
from tokenward.operations.review.review import ReviewRequest, review_logs
from tokenward.operations.review.verdicts import Network
from tokenward.places import Places, shown
from tokenward.presentation.reviews import facts, html_review, json_review, log_lines, summary, use_cells
from tokenward.safe_files import write_private
from tokenward.sources.logs.access_logs import LogMapping, read_mapping

STRANGE = 1
"""Exit code if there were uses by others, or after a token's end."""
_STYLES = {
    ReviewVerdict.AFTER_END: "bold red",
    ReviewVerdict.OTHERS: "bold red",
    ReviewVerdict.UNRECORDED: "yellow",
}
_COLUMNS = ("Whose", "From", "When", "How often", "What")


class ReviewFormat(StrEnum):
    """An output format of `tokenward review`."""

    TABLE = "table"
    JSON = "json"
    HTML = "html"


def review(
    more: list[Path] = typer.Argument(None, metavar="[FILE]...", help="More logs, as with `--log`."),
    *,
    log: list[Path] = typer.Option(
        ..., "--log", metavar="FILE", help="An access log of GitHub, AWS CloudTrail or GitLab (repeatable)."
    ),
    format_: ReviewFormat = typer.Option(
        ReviewFormat.TABLE,
        "--format",
        help="A table for people, JSON for programs, or an HTML page to share.",
    ),
    output: Path | None = typer.Option(
        None,
        "-o",
        "--output",
        metavar="FILE",
        help="Write to a file that only you can read, instead of printing.",
    ),
    ours: list[str] = typer.Option(
        [],
        "--ours",
        metavar="ADDRESS",
        help="An IP address or network of yours, such as 10.0.0.0/8 (repeatable).",
    ),
    since: str | None = typer.Option(None, "--since", metavar="TIME", help="Ignore older records."),
    until: str | None = typer.Option(None, "--until", metavar="TIME", help="Ignore newer records."),
    map_: Path | None = typer.Option(
        None,
        "--map",
        metavar="FILE",
        help="How to read a log in any other format; see docs/reference/review.md.",
    ),
) -> None:
    """Compare access logs with the ledger.

    Shows for each token the uses that are not yours, and those after it was revoked. Reads no token value and contacts
    nobody. Exit codes: 0 nothing suspicious, 1 suspicious uses, 2 the logs could not be read.
    """
    mapping = read_mapping(map_) if map_ else LogMapping()
    limits = moment_of(since), moment_of(until, is_end=True)
    request, places = (
        ReviewRequest((*log, *(more or ())), mapping, _networks(ours), *limits),
        Places.of_user(),
    )
    records = Ledger(places.ledger).records()
    found = review_logs(histories(records), request, Fingerprinter(load_key(places.fingerprint_key)))
    found = replace(found, refusals=sum(request.holds(one.time) and is_gate(one) for one in records))
    _put_out(found, format_, output)
    if found.is_strange:
        raise typer.Exit(STRANGE)


def _put_out(found: LogReview, format_: ReviewFormat, output: Path | None) -> None:
    if output is not None:
        write_private(output, _rendered(found, format_).encode("utf-8", "backslashreplace"))
        say(f"Wrote the review to {shown(output)}.")
    elif format_ is ReviewFormat.TABLE:
        print_review(found, Console())
    else:
        print_text(_rendered(found, format_))


def _rendered(found: LogReview, format_: ReviewFormat) -> str:
    if format_ is ReviewFormat.JSON:
        return json_review(found)
    if format_ is ReviewFormat.HTML:
        import time

        return html_review(found, moment(time.time()))
    stream = io.StringIO()
    print_review(found, Console(file=stream, force_terminal=False))
    return stream.getvalue()


def _networks(names: list[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(name.strip(), strict=False) for name in names)
    except ValueError:
        reason = "Invalid `--ours` address; write it as 198.51.100.7, 10.0.0.0/8 or 2001:db8::/32."
    raise TokenwardError(reason)


def print_review(review: LogReview, console: Console) -> None:
    """Print the verdict on each token of interest, then the logs; no text in it can move the cursor."""
    for token in review.of_interest:
        _print_token(token, console)
    for line in (*log_lines(review), summary(review)):
        console.print(console_text(line, console), soft_wrap=True)


def _print_token(token: ReviewedToken, console: Console) -> None:
    title = console_text(f"{token.name}: ", console)
    title.append(f"{token.verdict.value}. ", _STYLES.get(token.verdict, ""))
    title.append_text(console_text(token.sentence, console))
    console.print(title, soft_wrap=True)
    for what, words in facts(token):
        console.print(console_text(f"  {what}: {words}", console), soft_wrap=True)
    if token.uses and console.is_terminal:
        table = Table()
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for uses in token.uses:
            table.add_row(*(console_text(cell, console) for cell in use_cells(uses)))
        console.print(table)
    else:
        for uses in token.uses:
            console.print(console_text(f"  {'; '.join(use_cells(uses))}", console), soft_wrap=True)
    console.print()
