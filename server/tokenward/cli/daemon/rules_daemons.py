"""The daemons that have the rules loaded: for agents' hooks, and for scans before a commit."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward import thin_client
from tokenward.cli.app import app_for
from tokenward.cli.daemon.answer import Request, RequestKind
from tokenward.cli.daemon.serve import serve
from tokenward.cli.scan_output.scan_run import load_rules
from tokenward.cli.support.agent_hook import print_answer_here
from tokenward.detection.engine import Detector
from tokenward.operations.agents.dialects.table import all_dialects
from tokenward.places import Places

_HOOKS_NEED = (
    "tokenward.cli.support.clipboard",
    "tokenward.cli.support.invocation",
    "tokenward.custody.ledger.ledger",
    "tokenward.operations.agents.records",
    "tokenward.operations.agents.workspace_facts",
    "tokenward.vault.secret_service",
)
_SCANS_NEED = (
    "tokenward.cli.scan_output.lines",
    "tokenward.cli.scan_output.scan_git",
    "tokenward.custody.store.fingerprints",
    "tokenward.operations.scan.scan",
    "tokenward.presentation.reports.json_report",
    "tokenward.vault.secret_service",
)


def serve_hooks() -> None:
    """Answer hooks as `serve` does. An agent may start this daemon, so it gives no value to anyone."""

    def load() -> Sequence[RequestKind]:
        all_dialects()
        detector = Detector(Places.of_user().rules_cache)
        detector.load_whole()

        def answer(request: Request) -> int:
            return print_answer_here(request.words[2], request.given, detector)

        return [RequestKind(lambda words: thin_client.is_hook([*words]), answer, for_agents=True)]

    serve(thin_client.HOOKS_DAEMON, _HOOKS_NEED, load)


def serve_scans() -> None:
    """Answer scans before a commit as `serve` does. No agent starts this daemon, and none is answered."""

    def load() -> Sequence[RequestKind]:
        load_rules(Places.of_user().rules_cache)
        app = app_for(["scan"])

        def answer(request: Request) -> int:
            return int(app([*request.words], prog_name="tokenward", standalone_mode=False) or 0)

        return [RequestKind(lambda words: thin_client.is_scan([*words]), answer)]

    serve(thin_client.SCANS_DAEMON, _SCANS_NEED, load)
