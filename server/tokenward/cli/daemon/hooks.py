"""The daemon for agents' hooks, which has the rules loaded. An agent may start it, so it gives no value to anyone."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from tokenward import thin_client
from tokenward.cli.daemon.answer import Request, RequestKind
from tokenward.cli.daemon.serve import serve
from tokenward.cli.support.agent_hook import print_answer_here
from tokenward.detection.engine import Detector
from tokenward.operations.agents.dialects.table import all_dialects
from tokenward.places import Places

_NEEDED = (
    "tokenward.cli.support.clipboard",
    "tokenward.cli.support.invocation",
    "tokenward.custody.ledger.ledger",
    "tokenward.operations.agents.records",
    "tokenward.operations.agents.workspace_facts",
    "tokenward.vault.secret_service",
)


def serve_hooks() -> None:
    """Answer hooks until none has come for a while, or another version is installed.

    Raises:
        TokenwardError: there is no private folder for a socket, or such a daemon runs already.
    """
    serve(thin_client.HOOKS_DAEMON, _load)


def _load() -> Sequence[RequestKind]:
    for module in _NEEDED:
        importlib.import_module(module)
    all_dialects()
    detector = Detector(Places.of_user().rules_cache)
    detector.load_whole()

    def answer(request: Request) -> int:
        return print_answer_here(request.words[2], request.given, detector)

    return [RequestKind(lambda words: thin_client.is_hook([*words]), answer, for_agents=True)]
