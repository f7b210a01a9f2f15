"""The preview of moving all tokens of files, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenward.errors import TokenwardError
from tokenward.language import counted, exposed, listed, said
from tokenward.model import references_in
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.plan import MovePlan
from tokenward.operations.move.preview import FilePreview
from tokenward.places import shown
from tokenward.presentation.wording import shortly

MOST_FILES = 5
"""Files, or lines of a file, that a message names."""


def lines_of(preview: FilePreview) -> Iterator[str]:
    """Yield what would become of the tokens of a file, a line for each kind."""
    kinds: dict[str, int] = {}
    for plan in preview.moves:
        kinds[_kind(plan)] = kinds.get(_kind(plan), 0) + plan.count
    for kind, count in kinds.items():
        yield f"{counted(count, 'token')} to move, {kind}"
    if preview.aside:
        yield f"{counted(preview.aside, 'token')} to store and add to .env; the text stays"
    for reason, places in preview.staying:
        numbers = [f"{line + 1}" for line in sorted({*places})]
        lines = "line" if len(numbers) == 1 else "lines"
        yield f"{counted(len(places), 'token')} to leave on {lines} {listed(numbers, MOST_FILES)}: {reason}"


def total(previews: Sequence[FilePreview]) -> str:
    """Return the number of tokens and files in a sentence."""
    if not previews:
        return "No tokens were found."
    files = counted(sum(bool(one.moved + one.aside) for one in previews), "file")
    parts = [f"{counted(sum(one.moved for one in previews), 'token')} to move in {files}"]
    if aside := sum(one.aside for one in previews):
        parts.append(f"{aside:,} to store while the text stays")
    if left := sum(one.left for one in previews):
        parts.append(f"{left:,} to leave as they are")
    return f"{', '.join(parts)}."


def question(named: Sequence[tuple[str, FilePreview]]) -> str:
    """Return the question before a move, with the files and the steps left to do after it."""
    moving = [(name, one) for name, one in named if one.moved]
    files = listed([f"{shown(name)} ({one.moved:,})" for name, one in moving], MOST_FILES)
    moved, left = (sum(counts) for counts in zip(*((one.moved, one.left) for _, one in named), strict=True))
    steps = dict.fromkeys(_left(plan) for _, one in moving for plan in one.moves)
    tokens = exposed(len({plan.finding.fingerprint for _, one in moving for plan in one.moves}), moved)
    parts = [
        said("Move {tokens} to the keyring: {files}?", tokens=tokens, files=files),
        *([said("{tokens} will stay.", tokens=counted(left, "token"))] if left else []),
        *(said("Afterwards, {step}.", step=step) for step in steps if step),
    ]
    return " ".join(parts)


def nothing_to_move(previews: Sequence[FilePreview]) -> str:
    """Return why no token can be moved."""
    reasons = list(dict.fromkeys(reason for one in previews for reason, _ in one.staying))
    return reasons[0] if reasons else said("No tokens were found.")


def moved_all(results: Sequence[MoveResult], failures: Sequence[TokenwardError]) -> str:
    """Return the result of a move of many tokens, with the steps left to do."""
    files = list(dict.fromkeys(name for result in results for name in result.files))
    moved = counted(sum(result.count for result in results), "token")
    parts = [
        said("Moved {tokens} to the keyring. Save {files}.", tokens=moved, files=listed(files, MOST_FILES))
        if files
        else said("No token was moved.")
    ]
    parts += dict.fromkeys(result.after for result in results if result.after)
    if failures:
        parts.append(said("Not every token was moved: {why}", why=failures[0]))
        parts += [said("{count} more failed.", count=f"{len(failures) - 1:,}")] if failures[1:] else []
    return " ".join(parts)


def _kind(plan: MovePlan) -> str:
    if plan.asks_helper:
        written = "leaving a credential helper"
    elif any(references_in(plan.look_up)):
        written = "leaving references"
    else:
        look_up = plan.look_up.replace(plan.reference.name, "NAME")
        written = f"read with `{look_up}`" if look_up else "set by a variable instead"
    left = _left(plan)
    return f"{written}; then {left}" if left else written


def _left(plan: MovePlan) -> str:
    return shortly(plan.after).replace(plan.reference.name, "NAME")
