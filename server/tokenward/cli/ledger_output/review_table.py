"""What `tokenward review` prints for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tokenward.operations.review.model import LogReview, ReviewedToken, ReviewVerdict
from tokenward.presentation.reports.spelling import spelled
from tokenward.presentation.reviews.facts import facts, log_lines, summary, use_cells

_STYLES = {
    ReviewVerdict.AFTER_END: "bold red",
    ReviewVerdict.OTHERS: "bold red",
    ReviewVerdict.UNRECORDED: "yellow",
}
_COLUMNS = ("Whose", "From", "When", "How often", "What")


def print_review(review: LogReview, console: Console) -> None:
    """What each token of interest comes to, then what was read; nothing of it can move the cursor."""
    for token in review.of_interest:
        _print_token(token, console)
    for line in (*log_lines(review), summary(review)):
        _print(line, console)


def _print_token(token: ReviewedToken, console: Console) -> None:
    title = _text(f"{token.name}: ", console)
    title.append(f"{token.verdict.value}. ", _STYLES.get(token.verdict, ""))
    title.append_text(_text(token.sentence, console))
    console.print(title, soft_wrap=True)
    for what, words in facts(token):
        _print(f"  {what}: {words}", console)
    if token.uses and console.is_terminal:
        table = Table()
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for uses in token.uses:
            table.add_row(*(_text(cell, console) for cell in use_cells(uses)))
        console.print(table)
    else:
        for uses in token.uses:
            _print(f"  {'; '.join(use_cells(uses))}", console)
    console.print()


def _print(line: str, console: Console) -> None:
    console.print(_text(line, console), soft_wrap=True)


def _text(text: str, console: Console) -> Text:
    """A Text, in which rich looks for no markup, of characters that the console's encoding has."""
    return Text(spelled(text).encode(console.encoding, "backslashreplace").decode(console.encoding))
