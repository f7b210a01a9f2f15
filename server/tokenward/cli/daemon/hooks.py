"""load_hooks: what the daemon answers to agents' hooks, with the rules loaded."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import suppress
from os import urandom

from tokenward import thin_client
from tokenward.cli.daemon.answer import Request, RequestKind
from tokenward.cli.daemon.mask_streams import mask_streams
from tokenward.cli.support.agent_hook import answer_here
from tokenward.cli.support.invocation import Invocation
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.model import Fingerprint, Secret
from tokenward.operations.agents.decide import decide
from tokenward.operations.agents.dialects.dialect import Ability, all_dialects
from tokenward.operations.agents.event import AgentEvent, EventKind
from tokenward.operations.agents.guard_files import GuardFiles
from tokenward.operations.agents.known_secrets import KnownSecrets
from tokenward.operations.agents.workspace_facts import WorkspaceFacts
from tokenward.places import Places

_NEEDED = (
    "tokenward.cli.support.clipboard",
    "tokenward.custody.ledger.ledger",
    "tokenward.custody.store.fingerprints",
    "tokenward.operations.agents.records",
    "tokenward.sources.git.repository",
    "tokenward.vault.secret_service",
)
"""Modules that the answer to a hook loads late."""


def load_hooks() -> Sequence[RequestKind]:
    """Load what the answer to a hook needs, and return the requests for one."""
    for module in _NEEDED:
        importlib.import_module(module)
    places = Places.of_user()
    detector = Detector(places.rules_cache)
    all_dialects()
    detector.load_whole()
    _decide_once(detector, places)

    def answer(request: Request) -> int:
        code, finish = answer_here(request.words[2], request.given, detector)
        request.afterwards.append(finish)
        return code

    def mask(request: Request) -> int:
        mask_streams(request, detector)
        return 0

    return [
        RequestKind(lambda words: thin_client.is_hook([*words]), answer, for_agents=True),
        RequestKind(lambda words: thin_client.is_masked([*words]), mask, for_agents=True, is_long=True),
    ]


def _decide_once(detector: Detector, places: Places) -> None:
    """Have everything compiled that a decision needs, once for all answers."""
    with suppress(TokenwardError):
        Invocation.here()
    made_up = urandom(18).hex()
    facts = WorkspaceFacts(
        scanner=Scanner(detector, lambda _: Fingerprint("")),
        local=PLAIN,
        secrets=KnownSecrets(found=(Secret(made_up),)),
        references={},
        guard=GuardFiles(places, (), ""),
        program="tokenward",
    )
    for kind in EventKind:
        event = AgentEvent(kind, "", prompt="a", arguments={"command": "git status"}, output=made_up)
        decide(event, Ability.REPLACE_OUTPUT, facts)
