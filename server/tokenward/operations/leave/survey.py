"""survey: finds what refers to the stored tokens of a workspace that its user leaves."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tokenward.custody.bindings.bindings import Binding, FolderSnapshot, binding_state, worktrees_of
from tokenward.errors import CustodyError, EditRefused, RewriteRefused, WorkspaceUnbound
from tokenward.model import Fingerprint, Reference, Secret, Span, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.history import AddedLine, MoveHistory, PastMove
from tokenward.operations.move.restore import undo_steps
from tokenward.operations.origins import language_for, language_if_known
from tokenward.places import Places, canonical, shown
from tokenward.sources.candidate import Candidate
from tokenward.sources.editable_file import text_if_readable
from tokenward.sources.source import Source
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk

STARTS_TOKENWARD = re.compile(r"(?<![\w./])tokenward(?![\w.])")
"""A word that may be the command, and is neither in a path nor in a longer name."""


@dataclass(frozen=True, slots=True)
class LeavingWorkspace:
    """A workspace.

    Attributes:
        folder: the folder that resolves them, or None.
        was_at: the folder of its binding; None without one.
    """

    names: tuple[str, ...]
    folder: Path | None
    was_at: Path | None

    @property
    def roots(self) -> list[Path]:
        """Return the folders whose files may refer to its tokens, with the git worktrees of the first."""
        return [] if self.folder is None else [self.folder, *worktrees_of(self.folder)]


NO_WORKSPACE = LeavingWorkspace((), None, None)


def workspace_of(context: Context, folder: Path) -> LeavingWorkspace:
    """Return the workspace of a folder.

    Raises:
        WorkspaceUnbound: the folder has no name.
    """
    here = FolderSnapshot.at(folder.resolve())
    names = [one.name for one in context.bindings.all() if binding_state(one, here).belongs]
    if not names:
        raise WorkspaceUnbound(f"{shown(folder)} has no stored tokens; `tokenward workspaces` lists who has.")
    main = here.main.path if here.main else here.path
    return LeavingWorkspace(tuple(names), main, main)


def all_workspaces(context: Context) -> list[LeavingWorkspace]:
    """Return the workspaces of this user, also those without a folder."""
    found: dict[Path, list[Binding]] = {}
    for binding in context.bindings.all():
        found.setdefault(binding.folder, []).append(binding)
    workspaces = []
    for folder, bindings in sorted(found.items()):
        states = [context.bindings.state_of(binding) for binding in bindings]
        is_there = all(state is not None and state.belongs for state in states)
        names = tuple(binding.name for binding in bindings)
        workspaces.append(LeavingWorkspace(names, folder if is_there else None, folder))
    known = {name for workspace in workspaces for name in workspace.names}
    references = (*(entry.reference for entry in context.entries.all()), *context.leases.all())
    unbound = sorted({reference.workspace for reference in references} - known)
    return [*workspaces, *(LeavingWorkspace((name,), None, None) for name in unbound)]


@dataclass(slots=True)
class Survey:
    """What refers to the stored tokens of a workspace.

    Attributes:
        files: the tokens that each file refers to, without those that only an added line names.
        lines: the lines that moves added and that are still there, alone in their file with their reference.
        readers: for each variable of such a line, the files that look it up in the environment.
        refusals: for each token, why a file with its reference cannot be edited.
        before: the digest of each text before its moves, if only they have changed it since.
        naming: the files that name `tokenward`, and so may start it.
        searched: every file that was read.
    """

    files: dict[Path, list[Reference]] = field(default_factory=dict)
    lines: list[AddedLine] = field(default_factory=list)
    readers: dict[str, set[Path]] = field(default_factory=dict)
    refusals: list[tuple[Reference, str]] = field(default_factory=list)
    before: dict[Path, Fingerprint] = field(default_factory=dict)
    naming: list[Path] = field(default_factory=list)
    searched: list[Path] = field(default_factory=list)


def survey(context: Context, workspace: LeavingWorkspace, history: MoveHistory, editor: Editor) -> Survey:
    """Search every file of a workspace, and those elsewhere that tokens were moved out of."""
    found = Survey(refusals=[*_in_notebooks(history)])
    added = history.added_lines()
    for path in _paths(context, workspace, history):
        source = _read(context, workspace, path, editor, found)
        if source is None:
            continue
        found.searched.append(path)
        lines = [line for line in added if line.path == path and _is_alone(source.text, line)]
        found.lines += lines
        alone = {line.reference for line in lines}
        before = history.before(source, context.scanner.fingerprint)
        found.before |= {path: before} if before else {}
        # Where nobody else has changed a text, all its moves are in it.
        pending = history.pending(path)
        references = [one.reference for one in pending if before is not None or _still_fits(source, one)]
        references += sorted(_named(workspace, source.text), key=str)
        left = [reference for reference in dict.fromkeys(references) if reference not in alone]
        if left and language_if_known(source):
            found.files[path] = left
        else:
            why = f"{shown(path)} refers to it, and Tokenward cannot rewrite this kind of file; replace it by hand."
            found.refusals += [(reference, why) for reference in left]
        for name in {line.variable for line in added}:
            if reads_variable(source, name):
                found.readers.setdefault(name, set()).add(path)
        if STARTS_TOKENWARD.search(source.text):
            found.naming.append(path)
    return found


def files_in_need(context: Context, reference: Reference) -> list[Path]:
    """Return the files, in any folder, that a token was moved out of and that still look it up."""
    editor, found = DiskEditor(), list[Path]()
    for move in MoveHistory(context.ledger, [reference.workspace]).of(reference):
        path = Path(move.origin)
        with suppress(EditRefused):
            source = editor.read(path) if path.is_absolute() and not move.is_restored else None
            if source and _belongs(context, path, [reference]) and _still_fits(source, move):
                found.append(path)
    return found


def _still_fits(source: Source, move: PastMove) -> bool:
    """Return whether a move out of a text was not undone by hand."""
    if refers(source, move.reference):
        return True
    try:
        steps = undo_steps(move.record.detail, source, move.reference)
    except RewriteRefused:
        return False
    return bool(steps) and all(step.fits(source.text) for step in steps)


def reads_variable(source: Source, name: str) -> bool:
    """Return whether a text that a program reads seems to look up an environment variable."""
    if name not in source.text or not language_if_known(source):
        return False
    looking_up = rf"(?i:env)[^\n]{{0,80}}?(?<!\w){re.escape(name)}(?!\w)|[$%][({{]?{re.escape(name)}(?!\w)"
    return re.search(looking_up, source.text) is not None


def refers(source: Source, reference: Reference, value: Secret | None = None) -> bool:
    """Return whether a text needs a stored token: by its reference, a lookup of a move, or `tokenward get`.

    A lookup that falls back to the value itself needs nothing.
    """
    text, name = source.text, reference.name
    if any(found == reference for _, found in references_in(text)):
        return True
    if "tokenward" in text and re.search(rf"\bget\W{{1,8}}{name}(?!\w)", text):
        return True
    with suppress(RewriteRefused):
        parsed = language_for(source).read(text)
        lookups = len([*parsed.lookups(name)])
        if lookups and value is not None:
            places = re.finditer(re.escape(value.reveal()), text)
            lookups -= sum(parsed.fallback(Span(*place.span())) == name for place in places)
        return lookups > 0
    return False


def _paths(context: Context, workspace: LeavingWorkspace, history: MoveHistory) -> Iterator[Path]:
    # What the user's settings leave out of a scan may hold a reference too.
    everything = WalkChoice(respects_gitignore=False)
    limit, places = context.settings.max_file_bytes, Places.of_user()
    walked = (
        Path(canonical(str(one.path)))
        for one in walk(workspace.roots, everything, lambda: False)
        if isinstance(one, Candidate) and one.identity.size <= limit
    )
    recorded = (Path(move.origin) for move in history.moves if Path(move.origin).is_absolute())
    # Where the home folder is the workspace, it contains the ledger.
    own = [Path(canonical(str(folder))) for folder in (places.data_dir, places.cache_dir)]
    for path in dict.fromkeys((*walked, *recorded)):
        if not any(path.is_relative_to(folder) for folder in own):
            yield path


def _read(
    context: Context, workspace: LeavingWorkspace, path: Path, editor: Editor, found: Survey
) -> Source | None:
    """Return a file that may refer to the workspace's tokens; None if it is gone, or another workspace's."""
    try:
        source = editor.read(path)
    except EditRefused as refusal:
        mine = _named(workspace, text_if_readable(path))
        if _belongs(context, path, mine):
            found.refusals += [(reference, str(refusal)) for reference in mine]
        return None
    if source is None or not _belongs(context, path, _named(workspace, source.text)):
        return None
    return source


def _named(workspace: LeavingWorkspace, text: str) -> set[Reference]:
    """Return the references in a text to the workspace's tokens."""
    if f"{REFERENCE_SCHEME}://" not in text:
        return set()
    return {reference for _, reference in references_in(text) if reference.workspace in workspace.names}


def _belongs(context: Context, path: Path, references: Collection[Reference]) -> bool:
    """Return whether references resolve where a file is: a repository in the workspace is another workspace."""
    with suppress(CustodyError):
        for reference in references:
            context.bindings.check(reference, context.bindings.workspace_root(path.parent))
        return True
    return False


def _in_notebooks(history: MoveHistory) -> Iterator[tuple[Reference, str]]:
    for move in history.moves:
        uri = urlsplit(move.origin)
        if uri.scheme == "vscode-notebook-cell" and not move.is_restored and Path(unquote(uri.path)).exists():
            path = shown(Path(unquote(uri.path)))
            yield move.reference, f"{path} is a notebook; put {move.reference.name} back in VS Code."


def _is_alone(text: str, line: AddedLine) -> bool:
    """Return whether a text has the line, and no other mention of its reference."""
    whole = text.splitlines().count(line.text.strip("\r\n"))
    named = sum(reference == line.reference for _, reference in references_in(text))
    return whole == named == 1
