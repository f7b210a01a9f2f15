"""protect and take_back: add our entries to agents' files, and remove them. A kill at any step loses nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from tokenward.errors import EditRefused, TokenwardError
from tokenward.model import Span, Surface
from tokenward.operations.agents_protection.plan import FilePlan
from tokenward.operations.agents_protection.record import FileRecord, ProtectionRecord
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import FileEdit
from tokenward.places import shown
from tokenward.rewriting.edits import Edit
from tokenward.sources.source import Origin, Source

_EXECUTABLE = 0o111


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What happened to a file; with a reason, it stays as it was."""

    path: Path
    reason: str = ""


def protect(plan: FilePlan, record: ProtectionRecord, editor: DiskEditor) -> None:
    """Change a file as planned, unless it has changed since.

    Raises:
        TokenwardError: it was not changed.
    """
    if plan.record is None or not plan.changes:
        return
    record.note(plan.real, plan.record)
    _make_folders(plan.record)
    source = _read(editor, plan.real)
    if (source.text if source else None) != plan.before:
        raise EditRefused("{real} has changed in the meantime; try again.", real=shown(plan.real))
    if source is None or plan.after != source.text:
        _write(editor, plan.real, source, plan.after)
    if plan.is_executable:
        plan.real.chmod(stat.S_IMODE(plan.real.stat().st_mode) | _EXECUTABLE)
    record.note(plan.real, replace(plan.record, states=plan.record.states[-1:]))


def take_back(
    record: ProtectionRecord, editor: DiskEditor, only: Collection[Path] | None = None
) -> Iterator[FileOutcome]:
    """Remove our entries from each file of the record, or only from some; yield what happened to it.

    A file that nobody has changed since is as before, byte for byte. In another one, only our entries are removed.
    """
    # In reverse, so that a folder is empty when its turn comes.
    for name, file in [*record.files.items()][::-1]:
        path = Path(name)
        if only is not None and path not in only:
            continue
        try:
            _take_back(path, file, record, editor)
        except (TokenwardError, OSError) as error:
            why = str(error) if isinstance(error, TokenwardError) else error.strerror
            yield FileOutcome(path, why or type(error).__name__)
            continue
        yield FileOutcome(path)


def _take_back(path: Path, file: FileRecord, record: ProtectionRecord, editor: DiskEditor) -> None:
    source = _read(editor, path)
    if source is not None:
        before = file.without_ours(source.text, record.mark(source.text))
        is_empty = not before.strip() or (file.format == "json" and "".join(before.split()) == "{}")
        if file.created and is_empty:
            editor.remove(source)
        elif before != source.text:
            _write(editor, path, source, before)
    for folder in reversed(file.folders):
        with suppress(OSError):
            Path(folder).rmdir()
    record.note(path, None)


def _make_folders(file: FileRecord) -> None:
    for folder in file.folders:
        try:
            Path(folder).mkdir(exist_ok=True)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise EditRefused(
                "{folder} cannot be created ({why}); check its permissions.", folder=shown(folder), why=why
            ) from None


def _read(editor: DiskEditor, path: Path) -> Source | None:
    """Return the text of a file; None if it is missing.

    Raises:
        EditRefused: a link has taken its place, so that another file would be changed.
    """
    if Path(os.path.realpath(path)) != path:
        raise EditRefused(
            "{path} leads elsewhere now, and was not changed; change it by hand.", path=shown(path)
        )
    return editor.read(path)


def _write(editor: DiskEditor, path: Path, source: Source | None, text: str) -> None:
    creates = source is None
    source = source or Source("", Origin(path.as_uri(), Surface.FILE, path), name=path.name)
    edit = Edit(Span(0, len(source.text)), text)
    editor.apply((FileEdit(source, (edit,), creates=creates),), "Protect agents")
