"""UndoStep: how to undo one change of a move; contains no part of a value."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tokenward.errors import RewriteRefused
from tokenward.rewriting.fallbacks import CLOSING, KEYWORD, OPENING
from tokenward.rewriting.literal import Replacement
from tokenward.rewriting.spelling import PLAINLY, Spelling
from tokenward.rewriting.structure import STRUCTURE


@dataclass(frozen=True, slots=True)
class UndoStep:
    """A change in the text after the move.

    Attributes:
        offset: where `inserted` begins.
        inserted: the text that the move wrote.
        before: the opening delimiter that it removed, and the variable whose fallback the value was; if there was no
        value, the keyword or the structure of the file that it removed.
        after: the closing delimiter that it removed.
        spelling: how the value between them was written.
        carries_value: a value was between them; otherwise, nothing was.
    """

    offset: int
    inserted: str
    before: str = ""
    after: str = ""
    spelling: Spelling = PLAINLY
    carries_value: bool = True

    def __post_init__(self) -> None:
        # In a notebook, the quotes of code are escaped.
        before, after = (text.replace('\\"', '"') for text in (self.before, self.after))
        is_known = OPENING.fullmatch(before) or (
            not self.carries_value and (KEYWORD.fullmatch(before) or STRUCTURE.fullmatch(before))
        )
        if not (is_known and CLOSING.fullmatch(after)):
            raise ValueError("only delimiters, keywords and structure may be recorded")

    @classmethod
    def of(cls, change: Replacement, offset: int) -> UndoStep:
        """Return the step that undoes a change whose insertion begins at an offset of the new text.

        Raises:
            RewriteRefused: the change removes more than may be recorded.
        """
        with contextlib.suppress(ValueError):
            return cls(
                offset, change.inserted, change.before, change.after, change.spelling, change.carries_value
            )
        raise RewriteRefused("The text around the token cannot be put back later; move the token by hand.")

    def to_json(self) -> dict[str, Any]:
        """Return a record of the step for the ledger."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> UndoStep:
        """Return the step from the result of `to_json`.

        Raises:
            RewriteRefused: the record does not describe a step.
        """
        unreadable = RewriteRefused("The record of this move cannot be read; restore the file without it.")
        try:
            fields = {**record, "spelling": Spelling(**record["spelling"])}
            step = cls(**fields)
            types = (type(step.offset), type(step.inserted), type(step.carries_value))
        except (KeyError, TypeError, ValueError):
            raise unreadable from None
        if types != (int, str, bool) or step.offset < 0:
            raise unreadable
        return step

    def fits(self, text: str) -> bool:
        """Return whether a text still has the insertion there."""
        return text.startswith(self.inserted, self.offset)
