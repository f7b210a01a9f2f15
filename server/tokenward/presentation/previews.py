"""The preview of moving all tokens of files, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokenward.model import references_in
from tokenward.operations.move.plan import MovePlan
from tokenward.operations.move.preview import FilePreview
from tokenward.phrases import counted
from tokenward.presentation.wording import shortly


def lines_of(preview: FilePreview) -> Iterator[str]:
    """Yield what would become of the tokens of a file, a line for each kind."""
    kinds: dict[str, int] = {}
    for plan in preview.moves:
        kinds[_kind(plan)] = kinds.get(_kind(plan), 0) + plan.count
    for kind, count in kinds.items():
        yield f"{counted(count, 'token')} to move, {kind}"
    if preview.aside:
        yield f"{counted(preview.aside, 'token')} to store and add to .env; the text stays"
    for reason, count in preview.staying:
        yield f"{counted(count, 'token')} to leave: {reason}"


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


def _kind(plan: MovePlan) -> str:
    if any(references_in(plan.look_up)):
        written = "leaving references"
    else:
        written = f"read with `{plan.look_up.replace(plan.reference.name, 'NAME')}`"
    left = shortly(plan.left or plan.after).replace(plan.reference.name, "NAME")
    return f"{written}; then {left}" if left else written
