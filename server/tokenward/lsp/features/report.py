"""tokenward/report and tokenward/tokens: the leaks in the open folders, and their stored tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tokenward.custody.bindings.bindings import Bindings
from tokenward.errors import TokenwardError
from tokenward.lsp.parts import Parts
from tokenward.operations.report.build import ReportData, Scope, build_overview
from tokenward.operations.stored.listing import workspaces_in
from tokenward.places import canonical
from tokenward.presentation.report_page.page import render


async def tokens(parts: Parts, _: Any) -> dict[str, Any]:
    """Return the stored tokens of the open folders."""
    return {"tokens": await parts.tokens.answer()}


async def report(parts: Parts, _: Any) -> dict[str, str]:
    """Return the page of `tokenward report` for all open folders."""
    session = parts.session
    folders = tuple(session.folders)
    if not folders:
        raise TokenwardError("No folder is open to report on; open one first.")

    def page() -> str:
        names = workspaces_in(Bindings(session.places.custody), folders)
        roots = tuple(dict.fromkeys(Path(canonical(str(folder))) for folder in folders))
        scope = Scope(roots, tuple(names), None, Path.home())
        return render(build_overview(ReportData.of(session.places), scope, datetime.now(UTC)))

    return {"html": await session.in_scan_thread(page)}
