from __future__ import annotations

from pathlib import Path

import pytest

from guarded_workspace import PASSWORD, PASSWORD_VALUE, PROGRAM, STORED, STORED_VALUE
from tokenward.catalog.instructions import instructions_of
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.model import Secret
from tokenward.operations.agents.dialects.dialect import all_dialects
from tokenward.operations.agents.guard_files import GuardFiles
from tokenward.operations.agents.instruction_files import SessionBeginning
from tokenward.operations.agents.known_secrets import KnownSecrets
from tokenward.operations.agents.workspace_facts import WorkspaceFacts
from tokenward.places import Places


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def facts(detector: Detector, home: Path) -> WorkspaceFacts:
    """The facts of a workspace with two stored tokens, one of which only its value identifies."""
    fingerprint = Fingerprinter(b"k" * 32)
    stored = ((STORED, Secret(STORED_VALUE)), (PASSWORD, Secret(PASSWORD_VALUE)))
    places = Places(home / "config", home / "data", home / "cache")
    endings = [ending for one in all_dialects().values() for ending in one.settings]
    return WorkspaceFacts(
        scanner=Scanner(detector, fingerprint),
        local=PLAIN,
        secrets=KnownSecrets(stored),
        references={fingerprint(secret.reveal()): reference for reference, secret in stored},
        guard=GuardFiles(places, endings, "tokenward.toml", [PROGRAM]),
        program=PROGRAM,
        beginning=SessionBeginning(home / "sessions"),
        instructions=instructions_of("claude-code"),
    )
