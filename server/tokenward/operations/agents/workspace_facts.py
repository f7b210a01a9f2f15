"""WorkspaceFacts: what a decision depends on, from the detector, the vault, the records and the disk."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.catalog.instructions import Instructions, instructions_of
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.detection.custom.workspace import LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.rules.providers import public_prefixes
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.known_values.encodings import SHORTEST, spellings
from tokenward.findings.known_values.known_values import KnownValues
from tokenward.findings.scan import Scanner
from tokenward.findings.stream.masking import Masker
from tokenward.findings.stream.stars import stars
from tokenward.findings.stream.stream_scan import StreamScanner
from tokenward.model import Fingerprint, Reference, Span
from tokenward.operations.agents.command_rules import is_ruled
from tokenward.operations.agents.guard_files import GuardFiles
from tokenward.operations.agents.instruction_files import LARGEST as _LARGEST
from tokenward.operations.agents.instruction_files import (
    InstructionFiles,
    ReadText,
    SessionBeginning,
    TooMuchText,
    repository_words,
    said_before,
)
from tokenward.operations.agents.known_secrets import (
    KnownSecrets,
    KnownWords,
    hide_disguised,
    needles,
    open_known_secrets,
    text_of,
)
from tokenward.operations.agents.masked_command import masked_command
from tokenward.operations.ignore.allowed_tokens import allowed_tokens
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.thin_client import AGENT_SHELL, SHELL_PREFIX

if TYPE_CHECKING:
    from tokenward.operations.agents.new_tokens import NewTokens
    from tokenward.operations.agents.part_matches import PartMatches


@dataclass(frozen=True, slots=True)
class SeenToken:
    """A token in a text.

    Attributes:
        label: what it is, without its value.
        reference: under which it is stored; empty if it is not.
        name: a name for it; empty if none is known.
    """

    label: str
    reference: str = ""
    name: str = ""


_TOO_LARGE = SeenToken("more text than can be searched in time")
_ENCODED = SeenToken("a token in another encoding")
_STORED = "a stored token"
_MOST_NAMES = 10_000
_IMPORT = re.compile(r"(?<![\w@`])@([\w./~+-]+)")
_DEEPEST = 5


class WorkspaceFacts:
    """The facts about one workspace.

    Attributes:
        detected: the tokens that were masked, by fingerprint.
        recognised: the references of stored tokens that were masked.
        guard: the files that no agent may change.
        beginning: the sessions whose beginning was searched.
    """

    def __init__(
        self,
        *,
        scanner: Scanner,
        local: LocalRules,
        secrets: KnownSecrets,
        references: Mapping[Fingerprint, Reference],
        guard: GuardFiles,
        program: str,
        beginning: SessionBeginning | None = None,
        instructions: Instructions = Instructions(),  # noqa: B008 - frozen
        new: NewTokens | None = None,
        parts: PartMatches | None = None,
    ) -> None:
        self.detected: dict[Fingerprint, Detection] = {}
        self.recognised: set[Reference] = set()
        self._scanner = scanner
        self._local = local
        stored = [(secret.reveal(), one) for one, secret in secrets.stored]
        self._values = [(value, one) for value, one in stored if len(value) >= SHORTEST]
        self._references = dict(references)
        self._new = new
        self.guard = guard
        self.beginning = beginning or SessionBeginning()
        self._row = instructions
        self._instructions = InstructionFiles(instructions, Path.home())
        self._program = program
        self._parts = parts
        prefixes = public_prefixes()
        self._known = KnownValues(spellings(secrets.secrets(), prefixes))
        self._needles = needles(secrets.values(), prefixes)
        self._words = KnownWords(scanner.fingerprint, secrets.unread(references), prefixes)

    @property
    def is_withheld(self) -> bool:
        """Return whether the agent gets no results any more."""
        return self._parts is not None and self._parts.is_withheld

    def tokens(self, text: str, name: str = "") -> Sequence[SeenToken]:
        """Return the tokens in a text, stored ones in any known encoding too; `name` is its file."""
        if len(text) < SHORTEST:
            return ()
        found = [self._seen(one) for one in self._detections(text, name)]
        references = {one.reference for one in found}
        stored = [str(one) for value, one in self._values if value in text]
        stored += map(str, self._words.found(text).values())
        found += [SeenToken(_STORED, one) for one in stored if one not in references]
        return found or ([_ENCODED] if self._masked_values(text) != text else [])

    def masked(self, text: str, name: str = "") -> str:
        """Return the text with every token masked; the same text if it holds no token."""
        if len(text) < SHORTEST:
            return text
        known = self._masked_values(text)
        known = hide_disguised(known, self._needles, self._is_token, self._count)
        known = self._stored(known, name)
        masker = Masker(StreamScanner(self._scanner.detector, local=self._local, name=_base(name)))
        data = known.encode("utf-8", "surrogatepass")
        shown = masker.feed(data) + masker.finish()
        for sighting in masker.sightings:
            fingerprint = self._scanner.fingerprint(sighting.detection.secret.reveal())
            self.detected.setdefault(fingerprint, sighting.detection)
        masked = known if shown == data else shown.decode("utf-8", "replace")
        self.recognised.update(self._words.found(masked).values())
        return self._words.masked(masked)

    def referenced(self, text: str, *, by_name: bool = False) -> str:
        """Return the text with each stored token replaced by its reference, and others masked or replaced by a name."""
        text = self._stored(text, "")
        for value, reference in (*self._values, *self._words.found(text).items()):
            text = text.replace(value, str(reference))
        for one in sorted(self._detections(text, ""), key=lambda found: -found.span.start):
            seen = self._seen(one)
            if instead := seen.reference or (seen.name if by_name else ""):
                text = text[: one.span.start] + instead + text[one.span.end :]
        return self.masked(text)

    def excerpt(self, text: str, name: str, span: Span) -> tuple[str, int]:
        """Return a part of a text, with whole tokens as references or masked, and how many are masked."""
        found = {one.span: self._seen(one).reference for one in self._detections(text, name)}
        for value, reference in self._values:
            known = re.finditer(re.escape(value), text)
            found.update({Span(*match.span()): str(reference) for match in known})
        places = sorted(found.items())
        start, end = _widened(span, [place for place, _ in places])
        pieces, masked = [], 0
        for place, instead in places:
            if place.end <= start or place.start >= end:
                continue
            pieces.append(text[start : max(start, place.start)])
            if instead and place.start >= start:
                pieces.append(instead)
            else:
                masked += 1
                hidden = text[max(start, place.start) : place.end].encode("utf-8", "surrogatepass")
                pieces.append(stars(hidden).decode("utf-8", "replace"))
            start = place.end
        return self.referenced("".join((*pieces, text[start:end]))), masked

    def is_there(self, path: str, folder: str) -> bool:
        """Return whether a file or folder exists."""
        return os.path.lexists(_whole(path, folder))

    def exposed(self, path: str, folder: str) -> Sequence[SeenToken]:
        """Return the tokens in a file, in the file at the other end of a link, or in the names in a folder."""
        whole = _whole(path, folder)
        with suppress(OSError, ValueError):
            return self.tokens("\n".join(islice(os.listdir(whole), _MOST_NAMES)))  # noqa: PTH208
        text = text_of(whole, _LARGEST + 1)
        if text is None:
            return ()
        return [_TOO_LARGE] if len(text) > _LARGEST else self.tokens(text, path)

    def loaded(self, folder: str, prompt: str) -> Sequence[tuple[str, SeenToken]]:
        """Return the tokens in what the agent reads by itself there with a prompt, each with its file."""
        here = Path(folder or os.getcwd())  # noqa: PTH109
        return self._read(self._instructions.at_prompt(prompt, here))

    def beside(self, path: str, folder: str) -> Sequence[tuple[str, SeenToken]]:
        """Return the tokens in what the agent reads by itself together with a file, each with its file."""
        here = Path(os.path.abspath(folder or "."))  # noqa: PTH100 - links are compared as the agent names them
        return self._read(self._instructions.beside(Path(os.path.abspath(_whole(path, folder))), here))  # noqa: PTH100

    def said(self, transcript: str, prompt: str) -> Sequence[SeenToken]:
        """Return the tokens in what a session's transcript holds besides a prompt, and a model can be sent again."""
        texts = said_before(transcript).split(json.dumps(prompt, ensure_ascii=False)) if transcript else ()
        return [one for text in texts for one in self.tokens(text)]

    def in_repository(self, folder: str) -> Sequence[SeenToken]:
        """Return the tokens in what the agent says about the repository at the start of a session."""
        return self.tokens(repository_words(Path(folder or "."))) if self._row.git else ()

    def divided(self, text: str) -> Sequence[SeenToken]:
        """Return a token if a text shows a stored one in pieces, such as on two lines."""
        is_same = hide_disguised(text, self._needles, lambda _: False, self._count) == text
        return () if is_same else (_ENCODED,)

    def _read(self, texts: Iterable[ReadText]) -> Sequence[tuple[str, SeenToken]]:
        try:
            every = [*self._with_imports(texts)]
        except TooMuchText as error:
            return [(str(error.args[0]), _TOO_LARGE)]
        return [(str(one.path), token) for one in every for token in self.tokens(one.text, str(one.path))]

    def _with_imports(self, texts: Iterable[ReadText]) -> Iterator[ReadText]:
        level, seen = [*texts], set[Path]()
        for _ in range(_DEEPEST + 1):
            yield from level
            named = [
                (one.path.parent, match[1])
                for one in level
                for match in _IMPORT.finditer(one.text)
                if one.imports
            ]
            paths = dict.fromkeys(Path(_whole(name.rstrip("."), str(folder))) for folder, name in named)
            level = [read for path in paths if path not in seen and (read := self._instructions.read(path))]
            seen.update(paths)

    def masked_command(self, line: str) -> str | None:
        """Return the line that runs a command masked; None if this system cannot."""
        return masked_command(self._program, line) if os.name != "nt" else None

    def is_shell_masked(self) -> bool | None:
        """Return whether the agent that started this hook starts its shell by Tokenward; None if it has no such way.

        Other agents run the hooks of Claude Code too.
        """
        if os.name == "nt" or "CLAUDECODE" not in os.environ or not self.guard.has_agent_shell:
            return None
        named = os.environ.get(SHELL_PREFIX, "")
        return named.endswith(AGENT_SHELL) and self.guard.is_program(named)

    def is_ruled(self, line: str, folder: str) -> bool:
        """Return whether the user's own rules for commands may be about a line."""
        return is_ruled(line, folder)

    def takes_reference(self, path: str) -> bool:
        """Return whether a bare reference works in a file."""
        name = _base(path)
        return name == ".env" or (name.startswith(".env.") and "example" not in name)

    def _stored(self, text: str, name: str) -> str:
        """Return a text with references for new tokens, if the user has them stored."""
        if self._new is None:
            return text
        text = self._new.replaced(text, self._detections(text, name))
        self._references.update(self._new.references)
        return text

    def _detections(self, text: str, name: str) -> Sequence[Detection]:
        return self._scanner.detector.detect_all(text, _base(name), local=self._local).found

    def _seen(self, found: Detection) -> SeenToken:
        reference = self._references.get(self._scanner.fingerprint(found.secret.reveal()))
        return SeenToken(found.label, str(reference) if reference else "", found.provider.variable)

    def _masked_values(self, text: str) -> str:
        masked = self._known.mask(text)
        if masked != text:
            self.recognised.update(one for value, one in self._values if value in text)
        return masked

    def _is_token(self, decoded: str) -> bool:
        return bool(self._detections(decoded, "") or self._words.found(decoded))

    def _count(self, value: str) -> None:
        # A repository chooses the values in its own files, and must not withhold a person's agent by them.
        if self._parts and (fingerprint := self._scanner.fingerprint(value)) in self._references:
            self._parts.add(fingerprint)


def workspace_facts(
    places: Places,
    settings: Settings,
    folder: Path,
    *,
    scanner: Scanner,
    guard: GuardFiles,
    program: str,
    agent: str = "",
    new: NewTokens | None = None,
    parts: PartMatches | None = None,
) -> WorkspaceFacts:
    """Return the facts about a workspace, for an agent of some dialect.

    Raises:
        StateDamaged: the records cannot be read.
    """
    # Neither a text nor a repository may let a token through.
    strict = replace(settings, allow_repository_ignores=False)
    local = RootRules(scanner, strict, places).of(str(folder)).local
    local = replace(
        local, ignore_sources=(*local.ignore_sources, allowed_tokens(places, scanner.fingerprint))
    )
    entries = Entries(places.custody).all() if places.custody.exists() else ()
    here = Bindings(places.custody).name_of(folder) if entries else None
    # The workspace's own last, so that its references count where others have the same value.
    ordered = sorted(entries, key=lambda one: one.reference.workspace == here)
    return WorkspaceFacts(
        scanner=scanner,
        local=local,
        secrets=open_known_secrets(places, settings, folder, scanner.detector),
        references={one.fingerprint: one.reference for one in ordered},
        guard=guard,
        program=program,
        beginning=SessionBeginning(places.agent_sessions),
        instructions=instructions_of(agent),
        new=new,
        parts=parts,
    )


def _widened(span: Span, places: Sequence[Span]) -> tuple[int, int]:
    """Return the ends of a span that has no token in part."""
    start, end = span.start, span.end
    while True:
        cut = [one for one in places if one.start < end and start < one.end]
        wider = min([start, *(one.start for one in cut)]), max([end, *(one.end for one in cut)])
        if wider == (start, end):
            return wider
        start, end = wider


def _whole(path: str, folder: str) -> str:
    return os.path.join(folder or os.getcwd(), os.path.expanduser(path))  # noqa: PTH109, PTH111, PTH118


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
