"""Texts that users of an editor read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tokenward.model import Finding
from tokenward.phrases import counted, listed
from tokenward.places import shown


def diagnostic(finding: Finding, key_fact: str, *, is_over: bool) -> str:
    """Return the message at a token.

    Args:
        finding: the token and its place.
        key_fact: a sentence about the token; may be empty.
        is_over: the token no longer works.
    """
    remedy = "Delete it." if is_over else "Move it to the keyring." if finding.whole else NOT_WHOLE
    return " ".join(filter(None, [f"{finding.label} {IN_PLAIN_TEXT}", key_fact, remedy]))


IN_PLAIN_TEXT = "is in plain text here."
NOT_WHOLE = (
    "It is not certain where it begins or ends, so it cannot be moved automatically; use `tokenward put`."
)


def too_large(limit: int) -> str:
    """Return why a document is not scanned."""
    return (
        f"Tokenward did not scan this document, because it is larger than {limit:,} bytes; raise "
        "`tokenward.maxDocumentBytes` to scan it."
    )


def too_slow(seconds: float) -> str:
    """Return why a document was not scanned completely."""
    return f"Tokenward stopped scanning this document after {seconds:.0f} s, so tokens in it may go unseen."


def too_many(most: int, found: int) -> str:
    """Return that a document's other tokens are not shown."""
    return f"Tokenward found {found:,} tokens in this document and shows the first {most:,}."


SAME_TOKEN = "The same token is also here."  # noqa: S105
SAME_TOKEN_PRINTED = "A terminal printed the same token."  # noqa: S105


def too_many_files(most: int) -> str:
    """Return that the tokens in other files are not shown."""
    return (
        f"Tokenward found tokens in more than {most:,} files. It shows those in the first {most:,} and in files that "
        "you open; `tokenward scan` lists all."
    )


NO_SCANNED_FOLDER = "Tokenward scans no open folder; open one, or turn on `tokenward.scanWorkspace`."


def too_wide(folder: str) -> str:
    """Return why a folder's files are not scanned."""
    return (
        f"Tokenward scans only the files that you open in {shown(folder)}, because the folder is too broad; open a "
        "project's folder, or run `tokenward scan` there."
    )


def scanning_title(folder: str) -> str:
    """Return the title of the progress bar of a folder's scan."""
    return f"Scanning {shown(folder)} for tokens"


def scanned(files: int, findings: int, seconds: float, *, was_cancelled: bool) -> str:
    """Return the result of a folder's scan."""
    tokens = counted(findings, "token") if findings else "no tokens"
    if was_cancelled:
        rest = "The remaining files will be scanned when they change."
        return f"Stopped after {counted(files, 'file')}: {tokens}. {rest}"
    return f"Scanned {counted(files, 'file')} in {seconds:.1f} s: {tokens}."


MOST_LEFT_OUT = 20


def scan_details(
    folder: str, outcome: str, ignored: Mapping[str, int], left_out: Sequence[str]
) -> Iterator[str]:
    """Yield the result of a folder's scan for the log, with everything that was ignored or left out."""
    yield f"{shown(folder)}: {outcome}"
    for source, count in sorted(ignored.items()):
        are = "is" if count == 1 else "are"
        yield f"{shown(folder)}: {counted(count, 'finding')} {are} ignored by {shown(source)}."
    yield from left_out[:MOST_LEFT_OUT]
    if len(left_out) > MOST_LEFT_OUT:
        rest = len(left_out) - MOST_LEFT_OUT
        yield f"{shown(folder)}: {rest:,} more were left out; `tokenward scan` lists them."


def move_title(token: str, name: str) -> str:
    """Return the title of the quick fix that moves a token."""
    return f"Move this {token} to the keyring as {name}"


def move_all_title(count: int, name: str) -> str:
    """Return the title of the quick fix that moves a token from all its places."""
    return f"Move all {count} occurrences in this file to the keyring as {name}"


IGNORE_TITLE = "Ignore this token"
IGNORE_IN_WORKSPACE_TITLE = "Ignore this token in the whole workspace"
IGNORE_REASON = "ignored in an editor"


def ignored_in_workspace(entry_file: str) -> str:
    """Return the message after an ignore entry was added."""
    return (
        f"Added an entry to {shown(entry_file)}. Please give the reason there; `tokenward ignore list` shows what the "
        "entry ignores."
    )


def moved(token: str, reference: str, files: Sequence[str]) -> str:
    """Return the message after a token was moved."""
    return f"Moved the {token} to the keyring as {reference}. Save {listed(files)}."


CLEAR_OUTPUT = "It is in a cell's output; clear the output and save the notebook."


def starting_failed(reason: str) -> str:
    """Return the message after the rules failed to load."""
    return f"Tokenward cannot scan because its rules did not load ({reason}). Run `tokenward doctor`."


CREATE_ENCRYPTED_FILE = "Create an encrypted file"
KEEP_IN_EDITOR = "Store tokens in this editor"
KEPT_IN_EDITOR = (
    "Tokens are now stored in this editor's secret storage. Choose the quick fix again to move the token."
)
PASSPHRASE_PROMPT = "Passphrase of Tokenward's encrypted file"  # noqa: S105
NEW_PASSPHRASE_PROMPT = "New passphrase for Tokenward's encrypted file"  # noqa: S105


NEW_PASSPHRASE_AGAIN = "Repeat the passphrase"  # noqa: S105


def no_keyring(reason: str, *, has_file: bool, has_editor: bool) -> str:
    """Return the offer of another storage where there is no keyring.

    Args:
        reason: why there is none.
        has_file: an encrypted file can be created here.
        has_editor: the editor can store tokens.
    """
    places = [
        *(["in an encrypted file"] if has_file else []),
        *(["in this editor's secret storage"] if has_editor else []),
    ]
    return f"{reason} Tokenward can store tokens {' or '.join(places)} instead."


def encrypted_file_made(path: str) -> str:
    """Return the message after an encrypted file was created."""
    return (
        f"Tokens are now stored in the encrypted file {path}. Choose the quick fix again to move the token."
    )
