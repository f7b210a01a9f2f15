"""Every text that a user of the editor reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tokenward.model import Finding
from tokenward.phrases import counted
from tokenward.places import shown


def diagnostic(finding: Finding, matters: str, *, is_over: bool) -> str:
    """What is said at a token.

    Args:
        finding: the token and its place.
        matters: a sentence on what it can do; may be empty.
        is_over: it no longer works.
    """
    return " ".join(filter(None, [f"{finding.label} {IN_PLAIN_TEXT}", matters, _remedy(finding, is_over)]))


def _remedy(finding: Finding, is_over: bool) -> str:
    if is_over:
        return "Delete it."
    return "Move it to the keyring." if finding.whole else NOT_WHOLE


IN_PLAIN_TEXT = "stands here in plain text."
NOT_WHOLE = (
    "Where it begins or ends is not certain, so it cannot be moved automatically; use `tokenward put`."
)


def too_large(limit: int) -> str:
    return (
        f"Tokenward did not scan this document, because it is larger than {limit:,} bytes; raise "
        "`tokenward.maxDocumentBytes` to scan it."
    )


def too_slow(seconds: float) -> str:
    return f"Tokenward stopped scanning this document after {seconds:.0f} s, so tokens in it may go unseen."


def too_many(most: int, found: int) -> str:
    return f"Tokenward found {found:,} tokens in this document and shows the first {most:,}."


SAME_TOKEN = "The same token stands here too."  # noqa: S105
SAME_TOKEN_PRINTED = "A terminal printed the same token."  # noqa: S105


def too_many_files(most: int) -> str:
    return (
        f"Tokenward found tokens in more than {most:,} files and shows those of the first {most:,}, and of every "
        "file that you open; `tokenward scan` lists all."
    )


NOTHING_LOOKED_AT = (
    "No folder is open whose files Tokenward looks at; open one, or turn on `tokenward.scanWorkspace`."
)


def too_wide(folder: str) -> str:
    return (
        f"Tokenward does not look at all files in {shown(folder)}, only at those that you open; open a project's "
        "folder, or run `tokenward scan` there."
    )


def looking_title(folder: str) -> str:
    return f"Looking for tokens in {shown(folder)}"


def looked(files: int, findings: int, seconds: float, *, was_cancelled: bool) -> str:
    tokens = counted(findings, "token") if findings else "no tokens"
    if was_cancelled:
        return f"Stopped after {counted(files, 'file')}: {tokens}. What was not looked at is when it changes."
    return f"Looked at {counted(files, 'file')} in {seconds:.1f} s: {tokens}."


MOST_LEFT_OUT = 20


def looked_details(
    folder: str, outcome: str, silenced: Mapping[str, int], left_out: Sequence[str]
) -> Iterator[str]:
    """What a look at a folder came to, for who wants to know: nothing that was passed over goes unsaid."""
    yield f"{shown(folder)}: {outcome}"
    for source, count in sorted(silenced.items()):
        are = "is" if count == 1 else "are"
        yield f"{shown(folder)}: {counted(count, 'finding')} {are} silenced by {shown(source)}."
    yield from left_out[:MOST_LEFT_OUT]
    if len(left_out) > MOST_LEFT_OUT:
        yield (
            f"{shown(folder)}: {len(left_out) - MOST_LEFT_OUT:,} more were left out; `tokenward scan` names them."
        )


def move_title(token: str, name: str) -> str:
    return f"Move this {token} to the keyring as {name}"


def move_all_title(count: int, name: str) -> str:
    return f"Move all {count} occurrences in this file to the keyring as {name}"


IGNORE_TITLE = "Ignore this token"
ALLOW_TITLE = "Ignore this token in the whole workspace"
ALLOW_REASON = "ignored in an editor"


def allowed(entry_file: str) -> str:
    return f"Ignored by an entry in {shown(entry_file)}. Say there why; `tokenward ignore list` shows what it silences."


def moved(token: str, reference: str, files: list[str]) -> str:
    return f"Moved the {token} to the keyring as {reference}. Save {_listed(files)}."


CLEAR_OUTPUT = "It is in an output: clear the output and save the notebook."


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def starting_failed(reason: str) -> str:
    return f"Tokenward cannot scan: its rules did not load ({reason}). Run `tokenward doctor`."


CREATE_ENCRYPTED_FILE = "Create an encrypted file"
KEEP_IN_EDITOR = "Keep tokens in this editor"
KEPT_IN_EDITOR = (
    "Tokens are now kept in this editor's secret storage. Choose the quick fix again to move the token."
)
PASSPHRASE_PROMPT = "Passphrase of Tokenward's encrypted file"  # noqa: S105
NEW_PASSPHRASE_PROMPT = "New passphrase for Tokenward's encrypted file"  # noqa: S105


NEW_PASSPHRASE_AGAIN = "The same passphrase again"  # noqa: S105


def no_keyring(reason: str, *, has_file: bool, has_editor: bool) -> str:
    """What is said where there is no keyring.

    Args:
        reason: why there is none.
        has_file: an encrypted file can be made here.
        has_editor: the editor can keep tokens.
    """
    places = [
        *(["in an encrypted file"] if has_file else []),
        *(["in this editor's secret storage"] if has_editor else []),
    ]
    return f"{reason} Tokenward can keep tokens {' or '.join(places)} instead."


def encrypted_file_made(path: str) -> str:
    return f"Tokens are now kept in the encrypted file {path}. Choose the quick fix again to move the token."
