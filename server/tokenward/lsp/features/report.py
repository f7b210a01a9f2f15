"""tokenward/report: the page on what leaked in the open folders, for how long, and who used what."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.custody.bindings.bindings import Bindings
from tokenward.errors import TokenwardError
from tokenward.lsp.client.session import Session
from tokenward.operations.report.build import ReportData, Scope, build_overview
from tokenward.operations.stored.listing import workspaces_in
from tokenward.places import Places, canonical
from tokenward.presentation.report_page.page import render


async def report(session: Session, _: Any) -> dict[str, str]:
    """The page of `tokenward report` for all open folders."""
    folders = tuple(session.folders)
    if not folders:
        raise TokenwardError("No folder is open that could be told of; open one first.")
    return {"html": await session.in_scan_thread(partial(_page, session.places, folders))}


def _page(places: Places, folders: tuple[Path, ...]) -> str:
    names = workspaces_in(Bindings(places.custody), folders)
    roots = tuple(dict.fromkeys(Path(canonical(str(folder))) for folder in folders))
    return render(
        build_overview(
            ReportData.of(places), Scope(roots, tuple(names), None, Path.home()), datetime.now(UTC)
        )
    )
