"""`tokenward report`: a page on what leaked, for how long, and who used what."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.dates import moment_of
from tokenward.cli.support.invocation import absolute
from tokenward.cli.support.terminal import say
from tokenward.errors import TokenwardError
from tokenward.places import Places, canonical, shown

if TYPE_CHECKING:
    from datetime import datetime

    from tokenward.operations.report.build import Scope


def register(app: typer.Typer) -> None:
    app.command()(report)


def report(
    folder: Path = typer.Argument(Path(), help="The workspace to tell of; this one, if none."),
    *,
    output: Path = typer.Option(
        ..., "--output", "-o", metavar="FILE", help="Where to write the page, for you alone to read."
    ),
    all_workspaces: bool = typer.Option(False, "--all-workspaces", help="Tell of every workspace."),
    since: str | None = typer.Option(
        None, "--since", metavar="TIME", help="Leave out what was over before, such as 2026-11-01."
    ),
) -> None:
    """Write a page on what leaked, for how long, and who used what.

    It is one file without scripts, which any browser shows and prints. It holds labels and names, and no token.
    """
    from datetime import datetime

    from tokenward.operations.report.build import ReportData, build_overview
    from tokenward.operations.report.write import write_report
    from tokenward.presentation.report_page.page import render

    places = Places.of_user()
    scope = _scope(places, None if all_workspaces else folder, moment_of(since))
    page = render(build_overview(ReportData.of(places), scope, datetime.now(UTC)))
    write_report(absolute(output), page)
    say(f"The report is in {shown(output)}.")


def _scope(places: Places, path: Path | None, since: datetime | None) -> Scope:
    from tokenward.custody.bindings.bindings import Bindings
    from tokenward.operations.report.build import Scope

    if path is None:
        return Scope((), (), since, Path.home())
    if not path.is_dir():
        raise TokenwardError(f"{shown(path)} is no folder that can be reached; name one that is.")
    bindings = Bindings(places.custody)
    root = Path(canonical(str(bindings.workspace_root(absolute(path)))))
    last = bindings.name_of(root)
    others = [binding.name for binding in bindings.all() if binding.folder == root and binding.name != last]
    return Scope((root,), tuple(filter(None, (last, *others))), since, Path.home())
