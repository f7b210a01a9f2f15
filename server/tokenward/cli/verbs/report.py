"""`tokenward report`: a page that shows what leaked, for how long, and who used stored tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer

from tokenward.cli.support.invocation import absolute
from tokenward.cli.support.options import moment_of
from tokenward.cli.support.own_records import own_records
from tokenward.cli.support.terminal import say
from tokenward.custody.bindings.bindings import Bindings
from tokenward.errors import TokenwardError
from tokenward.operations.report.build import ReportData, Scope, build_overview
from tokenward.places import Places, canonical, shown
from tokenward.presentation.report_page.page import render
from tokenward.safe_files import write_private


def report(
    folder: Path = typer.Argument(Path(), help="The workspace to report on; by default the current folder."),
    *,
    output: Path = typer.Option(
        ..., "--output", "-o", metavar="FILE", help="Where to write the page, readable only by you."
    ),
    all_workspaces: bool = typer.Option(False, "--all-workspaces", help="Report on every workspace."),
    since: str | None = typer.Option(
        None, "--since", metavar="TIME", help="Leave out what ended before, such as 2026-11-01."
    ),
) -> None:
    """Write an HTML page on leaked tokens and their uses.

    The page is one file without scripts. It contains labels and names, but no token values.
    """
    places, start = Places.of_user(), moment_of(since)
    own = own_records(places)
    scope = Scope((), (), start, Path.home())
    if not all_workspaces:
        if not folder.is_dir():
            raise TokenwardError(f"{shown(folder)} is not an accessible folder; check the path.")
        bindings = Bindings(places.custody)
        root = Path(canonical(str(bindings.workspace_root(absolute(folder)))))
        last = bindings.name_of(root)
        others = [one.name for one in bindings.all() if one.folder == root and one.name != last]
        names = (one for one in (last, *others) if one and own.has(one))
        scope = Scope((root,), tuple(names), start, Path.home())
    data = ReportData.of(places)
    records = tuple(filter(own.has_record, data.records))
    data = replace(data, records=records, entries=tuple(filter(own.has_entry, data.entries)))
    page = render(build_overview(data, scope, datetime.now(UTC)))
    write_private(absolute(output), page.encode("utf-8", "backslashreplace"))
    say(f"Wrote the report to {shown(output)}.")
