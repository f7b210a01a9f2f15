"""The daemon for scans before a commit, which has the rules loaded. No agent starts it, and none is answered."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenward import thin_client
from tokenward.cli.app import app_for
from tokenward.cli.daemon.answer import Request, RequestKind
from tokenward.cli.daemon.serve import serve
from tokenward.cli.scan_output.scan_run import load_rules
from tokenward.places import Places

if TYPE_CHECKING:
    import typer

_NEEDED = (
    "tokenward.cli.scan_output.lines",
    "tokenward.cli.scan_output.scan_git",
    "tokenward.custody.store.fingerprints",
    "tokenward.operations.scan.scan",
    "tokenward.presentation.reports.json_report",
    "tokenward.vault.secret_service",
)


def serve_scans() -> None:
    """Answer scans until none has come for a while, or another version is installed.

    Raises:
        TokenwardError: there is no private folder for a socket, or such a daemon runs already.
    """
    serve(thin_client.SCANS_DAEMON, _load)


def _load() -> Sequence[RequestKind]:
    for module in _NEEDED:
        importlib.import_module(module)
    load_rules(Places.of_user().rules_cache)
    app = app_for(["scan"])
    return [RequestKind(lambda words: thin_client.is_scan([*words]), lambda request: _scan(app, request))]


def _scan(app: typer.Typer, request: Request) -> int:
    return int(app([*request.words], prog_name="tokenward", standalone_mode=False) or 0)
