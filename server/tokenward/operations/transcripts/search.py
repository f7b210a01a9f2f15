"""Searches this user's transcripts, records the tokens in them, and finds those that a provider can revoke."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from tokenward.detection.rules.providers import provider_of
from tokenward.detection.validation.hosts import Host
from tokenward.errors import TokenwardError
from tokenward.model import Fingerprint
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.context import Context
from tokenward.operations.excerpts import ledger_name
from tokenward.operations.provider.subject import ProviderQuestion, asker_of, question_of_value
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.operations.transcripts.records import record_seen
from tokenward.operations.transcripts.survey import TranscriptSurvey, survey
from tokenward.operations.transcripts.transcript_files import ROWS, TranscriptFile, find_transcripts
from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class TranscriptSearch:
    """What a search found.

    Attributes:
        context: scans with the user's own rules, where nothing that was pasted or cloned can hide a token.
        files: those that were read.
        skipped: a sentence about each file that was left out.
        named: gives a file its name in the ledger.
    """

    context: Context
    files: tuple[TranscriptFile, ...]
    found: TranscriptSurvey
    skipped: tuple[str, ...]
    named: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SeenTokens:
    """The tokens in transcripts, by whether they can be revoked from here.

    Attributes:
        questions: about those that an agent has seen and whose provider can be asked.
        by_hand: the labels of others that an agent has seen.
        unseen: the labels of those that no agent has seen.
    """

    questions: tuple[ProviderQuestion, ...]
    by_hand: tuple[str, ...]
    unseen: tuple[str, ...]

    @property
    def hosts(self) -> tuple[Host, ...]:
        """Return every host that gets one of the tokens."""
        found = {host.name: host for one in self.questions if one.way for host in one.way.revoke}
        return tuple(found.values())


def search_transcripts(
    context: Context,
    places: Places,
    roots: SearchRoots,
    folder: Path,
    *,
    agents_only: bool,
    is_wanted: Callable[[], bool] = lambda: True,
) -> TranscriptSearch:
    """Read the transcripts with the rules of a folder, and record in the ledger which tokens are in them; blocks.

    `is_wanted` is asked before each file; after a no, the rest is not read.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    rules = RootRules(context.scanner, context.settings, places).of(str(folder)).local
    local = replace(rules, ignore_sources=(), exceptions=(), comments=False)
    strict = context.scanning_with(replace(context.scanner, local=local))
    skipped: list[str] = []
    named = cache(lambda path: ledger_name(context.scanner, path))
    rows = [row for row in ROWS if row.is_agent or not agents_only]
    files = [*find_transcripts(roots, skipped, rows)]
    read: list[TranscriptFile] = []

    def wanted() -> Iterator[TranscriptFile]:
        for file in files:
            if not is_wanted():
                return
            read.append(file)
            yield file

    found = survey(strict.scanner, wanted())
    record_seen(context.ledger, named, found, [file.path for file in read])
    return TranscriptSearch(strict, tuple(read), found, tuple(skipped), named)


def seen_tokens(search: TranscriptSearch, places: Places, agent: str = "") -> SeenTokens:
    """Return what can be done about each token that one agent, or any, has seen; sends nothing."""
    asker, tokens = asker_of(search.context, places), search.found.tokens.values()
    seen = [token for token in tokens if token.agents and agent in ("", *token.agents)]
    questions: dict[Fingerprint, ProviderQuestion] = {}
    for token in seen:
        try:
            name = provider_of(token.finding.rule).variable
            question = question_of_value(search.context, asker, token.secret, name)
        except TokenwardError:
            continue
        # A transcript holds tokens of other workspaces, which this workspace's hosts must not get.
        if question.way is not None and question.way.revoke and not question.way.is_from_workspace:
            questions[token.fingerprint] = question
    return SeenTokens(
        tuple(questions.values()),
        tuple(token.finding.label for token in seen if token.fingerprint not in questions),
        tuple(token.finding.label for token in tokens if not token.agents),
    )
