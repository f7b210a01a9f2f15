"""The output of `tokenward review` for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tokenward.cli.support.terminal import console_text
from tokenward.operations.review.model import LogReview, ReviewedToken, ReviewVerdict
from tokenward.presentation.reviews.facts import facts, log_lines, summary, use_cells

_STYLES = {
    ReviewVerdict.AFTER_END: "bold red",
    ReviewVerdict.OTHERS: "bold red",
    ReviewVerdict.UNRECORDED: "yellow",
}
_COLUMNS = ("Whose", "From", "When", "How often", "What")


def print_review(review: LogReview, console: Console) -> None:
    """Print the verdict on each token of interest, then the logs; no text in it can move the cursor."""
    for token in review.of_interest:
        _print_token(token, console)
    for line in (*log_lines(review), summary(review)):
        console.print(console_text(line, console), soft_wrap=True)


def _print_token(token: ReviewedToken, console: Console) -> None:
    title = console_text(f"{token.name}: ", console)
    title.append(f"{token.verdict.value}. ", _STYLES.get(token.verdict, ""))
    title.append_text(console_text(token.sentence, console))
    console.print(title, soft_wrap=True)
    for what, words in facts(token):
        console.print(console_text(f"  {what}: {words}", console), soft_wrap=True)
    if token.uses and console.is_terminal:
        table = Table()
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for uses in token.uses:
            table.add_row(*(console_text(cell, console) for cell in use_cells(uses)))
        console.print(table)
    else:
        for uses in token.uses:
            console.print(console_text(f"  {'; '.join(use_cells(uses))}", console), soft_wrap=True)
    console.print()
