"""`tokenward leave`: put everything back, and remove what Tokenward stored."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import typer

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.person import require_yes, says_yes
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenwardError, VaultError
from tokenward.language import counted, listed
from tokenward.model import Reference
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.leave.leaving import Leaving
from tokenward.operations.leave.parts import PARTS, Part, lines_naming_tokenward
from tokenward.operations.leave.survey import NO_WORKSPACE, all_workspaces, workspace_of
from tokenward.operations.recovery import recover
from tokenward.places import by_home, shown

MOST_NAMED = 5
"""The most files that are named where only their number matters."""
_NEEDS_YES = "Nobody can be asked here; look first with `--dry-run`, then repeat the command with `--yes`."
_NEEDS_PERSON = "Only a person can agree to lose the only copy of a token; run this in a terminal."


def leave(
    *,
    all_: bool = typer.Option(False, "--all", help="Leave every workspace of yours."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only print what would be done."),
    erase_unused: bool = typer.Option(
        False, "--erase-unused", help="Also delete the tokens that are in no file, after a second question."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask the first question."),
) -> None:
    """Put all tokens back into their files, in plain text, and remove what Tokenward stored.

    Prints what it would do and asks once. A token that cannot be put back stays in the keyring, and so does one that no
    file refers to, since it has no other copy. Repeat the command if it was interrupted.
    """
    invocation = Invocation.here()
    with invocation.context() as context:
        editor = DiskEditor(follows_links=False, notes=invocation.places.writes)
        for outcome in () if dry_run else recover(context, editor):
            say(outcome)
        chosen = all_workspaces(context) if all_ else [workspace_of(context, invocation.folder)]
        leavings = [Leaving(context, workspace, editor) for workspace in chosen or [NO_WORKSPACE]]
        names = {name for workspace in chosen for name in workspace.names}
        is_last = {binding.name for binding in context.bindings.all()} <= names
        for leaving in leavings:
            _print_plan(leaving)
        for part in PARTS:
            if is_last or not part.is_last:
                _print_part(part, leavings[:1] if part.is_last else leavings)
        if not dry_run:
            require_yes(_question(leavings), otherwise=_NEEDS_YES, given=yes)
            if erase_unused:
                _agree_to_lose(leavings)
            is_whole = [_carry_out(leaving) for leaving in leavings]
            if all(is_whole) and not context.bindings.all():
                is_whole.append(_remove(leavings[0], [part for part in PARTS if part.is_last]))
        _print_staying(leavings, invocation)
    if not dry_run and not all(is_whole):
        raise TokenwardError(
            "Not everything was put back or removed, for the reasons above; correct them and run `tokenward leave` "
            "again."
        )


def _print_plan(leaving: Leaving) -> None:
    """Print one line for each file, and why some tokens stay."""
    removed, written = Counter[Path](), Counter[Path]()
    for path, references in leaving.survey.files.items():
        written[path] += len(references)
    for line in leaving.survey.lines:
        removed[line.path] += line.reference not in leaving.kept
    for path in sorted({*written, *+removed}):
        done = [f"{counted(written[path], 'token')} to put back in plain text"] if written[path] else []
        done += [f"{counted(removed[path], 'added line')} to remove"] if removed[path] else []
        say(f"{_short(path)}: {listed(done)}")
    for path, line in leaving.readers():
        goes = f"looks up {line.variable}, whose line in {_short(line.path)} goes"
        say(f"{_short(path)} {goes}; set it yourself if that needs it.")
    for path, count in sorted(Counter(leaving.held().values()).items()):
        say(f"{_short(path)}: holds {counted(count, 'stored token')} already")
    for reference in leaving.empty:
        say(
            f"{reference}: nothing is stored under it in the {leaving.context.vault.description}, so its record goes"
        )
    _print_kept(leaving)


def _print_part(part: Part, leavings: Sequence[Leaving]) -> None:
    found = [removal.name for leaving in leavings for removal in part.find(leaving)]
    if found:
        say(f"To remove: {counted(len(found), part.noun)} ({listed(found, MOST_NAMED)})")


def _question(leavings: Sequence[Leaving]) -> str:
    files = sum(
        len({*leaving.survey.files, *(line.path for line in leaving.survey.lines)}) for leaving in leavings
    )
    tokens = sum(len(leaving.removable()) for leaving in leavings)
    return (
        f"Change {counted(files, 'file')}, so that tokens are in them in plain text, and remove "
        f"{counted(tokens, 'token')} from the keyring?"
    )


def _agree_to_lose(leavings: Sequence[Leaving]) -> None:
    """Ask for the tokens that have no other copy; a no leaves them in the keyring."""
    unused = [reference for leaving in leavings for reference in leaving.unused]
    if not unused:
        return
    names = ", ".join(map(str, unused))
    if says_yes(f"No file holds {names}. Delete the only copy, permanently?", otherwise=_NEEDS_PERSON):
        for leaving in leavings:
            leaving.erased = frozenset(leaving.unused)


def _carry_out(leaving: Leaving) -> bool:
    """Put the values of a workspace back, then remove each part; return whether nothing failed."""
    known = {reference: len(why) for reference, why in leaving.kept.items()}
    done = set[Path]()
    for path in leaving.restore():
        if path not in done:
            say(f"{_short(path)}: done")
        done.add(path)
    is_whole = _remove(leaving, [part for part in PARTS if not part.is_last])
    _print_kept(leaving, known)
    return is_whole and not leaving.kept


def _remove(leaving: Leaving, parts: Sequence[Part]) -> bool:
    """Remove what there is of some parts; return whether nothing failed."""
    is_whole = True
    for part in parts:
        # Found only now, because it depends on the earlier removals.
        for removal in [*part.find(leaving)]:
            try:
                removal.remove()
            except VaultError:
                raise
            except TokenwardError as error:
                is_whole = False
                if removal.reference is None:
                    say(sentence(error))
                else:
                    leaving.keep(removal.reference, str(error))
    return is_whole


def _print_kept(leaving: Leaving, known: Mapping[Reference, int] = MappingProxyType({})) -> None:
    """Print why tokens stay, without the reasons that were printed before."""
    for reference, reasons in leaving.kept.items():
        for why in reasons[known.get(reference, 0) :]:
            say(f"{reference} stays: {sentence(why)}")


def _print_staying(leavings: Sequence[Leaving], invocation: Invocation) -> None:
    """Print what stays although nothing failed."""
    for leaving in leavings:
        unused = [reference for reference in leaving.unused if reference in leaving.stored()]
        if unused:
            say(
                f"Stays: {counted(len(unused), 'token')} that no file refers to or holds, so that the keyring has the "
                f"only copy ({', '.join(map(str, unused))}); `tokenward get` prints one, `tokenward leave "
                "--erase-unused` deletes them."
            )
    lines = [line for leaving in leavings for line in lines_naming_tokenward(leaving)]
    if lines:
        places = [f"{_short(path)}:{number}" for path, number in dict.fromkeys(lines)]
        say(f"Stays: lines that may start tokenward, for you to change ({listed(places, MOST_NAMED)}).")
    say(
        f"Stays: {by_home(invocation.places.data_dir)} with the ledger, which holds no value; delete the folder when "
        "you no longer need it."
    )


def _short(path: Path) -> str:
    """Return a path as a user in this folder writes it."""
    here = Path(os.path.realpath(absolute(Path())))
    return shown(path.relative_to(here) if path.is_relative_to(here) else by_home(path))
