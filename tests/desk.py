"""The set-up for tests of operations: a workspace, an in-memory vault and an obedient editor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from memory_vault import MemoryVault
from tokenward.custody.ledger.events import Event
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.engine import Detector
from tokenward.errors import EditRefused
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Reference, Secret, Surface
from tokenward.operations.context import Context, open_context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.move import move as moving
from tokenward.operations.move.plan import MoveRequest
from tokenward.places import Places
from tokenward.rewriting.edits import apply_edits
from tokenward.settings import Settings
from tokenward.sources.source import Origin, Source

KEY = bytes(range(32))


@dataclass
class MemoryEditor:
    """Open buffers; refuses an edit only if a buffer has changed since the edit was planned."""

    refuse: bool = False
    fail: Exception | None = None
    before_edit: Callable[[], object] | None = None
    buffers: dict[str, Source] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)

    def open(self, path: Path, text: str, language: str | None = None) -> Source:
        return self.show(Source(text, Origin(path.as_uri(), Surface.DOCUMENT, path, language), 1, path.name))

    def show(self, source: Source) -> Source:
        self.buffers[source.origin.uri] = source
        return source

    def text(self, path: Path) -> str:
        return self.buffers[path.as_uri()].text

    def type(self, path: Path, text: str) -> None:
        """Replace the text, as when its user types."""
        before = self.buffers[path.as_uri()]
        self.show(replace(before, text=text, version=(before.version or 0) + 1))

    def read(self, path: Path) -> Source | None:
        return self.buffers.get(path.as_uri())

    def reread(self, source: Source) -> Source | None:
        return self.buffers.get(source.origin.uri)

    def apply(self, files: Sequence[FileEdit], label: str) -> None:
        self.labels.append(label)
        if self.before_edit is not None:
            self.before_edit()
        if self.fail is not None:
            raise self.fail
        if self.refuse or any(self.reread(file.source) != file.source for file in files if not file.creates):
            raise EditRefused("The editor did not apply the edit.")
        for file in files:
            self.show(replace(file.source, text=apply_edits(file.source.text, file.edits), version=2))


@dataclass
class Desk:
    """One user's records and vault, and one workspace of theirs."""

    places: Places
    detector: Detector
    folder: Path
    vault: MemoryVault = field(default_factory=MemoryVault)
    editor: MemoryEditor = field(default_factory=MemoryEditor)
    disk: DiskEditor = field(default_factory=DiskEditor)
    settings: Settings = field(default_factory=Settings)

    @property
    def context(self) -> Context:
        scanner = Scanner(self.detector, Fingerprinter(KEY))
        return open_context(self.places, self.settings, lambda: scanner, self.vault)

    def findings(self, source: Source) -> tuple[Finding, ...]:
        return self.context.scanner.scan(source)

    def request(
        self, source: Source, index: int = 0, *, everywhere: bool = False, name: str | None = None
    ) -> MoveRequest:
        finding = self.findings(source)[index]
        at = None if everywhere else finding.start
        return MoveRequest(source, self.folder, finding.fingerprint, at, name, template=True)

    def move(
        self,
        source: Source,
        index: int = 0,
        *,
        everywhere: bool = False,
        name: str | None = None,
        editor: Editor | None = None,
    ) -> moving.MoveResult:
        """Move the token of one finding and return the outcome."""
        request = self.request(source, index, everywhere=everywhere, name=name)
        return moving.move(self.context, request, editor or self.editor)

    def move_on_disk(self, path: Path, index: int = 0, *, name: str | None = None) -> moving.MoveResult:
        source = self.disk.read(path)
        assert source is not None
        return self.move(source, index, name=name, editor=self.disk)

    def events(self) -> list[Event]:
        """Return the kinds of all recorded events, in order."""
        return [record.event for record in self.context.ledger.records()]

    def value(self, reference: str) -> str | None:
        """Return the value that the vault holds under a reference."""
        workspace, name = reference.removeprefix("keyring://").split("/")
        secret = self.vault.get(Reference(workspace, name))
        return secret.reveal() if secret else None

    def hold(self, reference: str, value: str) -> None:
        """Put a value into the vault without a record of it."""
        workspace, name = reference.removeprefix("keyring://").split("/")
        self.vault.put(Reference(workspace, name), Secret(value))


@contextmanager
def tampered(thing: object, method: str, instead: Callable[..., object]) -> Iterator[None]:
    """Replace a method while the block runs; the replacement gets the original as its last argument."""
    original = getattr(thing, method)
    setattr(thing, method, lambda *arguments: instead(*arguments, original))
    try:
        yield
    finally:
        delattr(thing, method)
