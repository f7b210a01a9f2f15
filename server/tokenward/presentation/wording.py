"""Texts that users of an editor read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tokenward.language import counted, either, listed, phrase, said
from tokenward.model import Reference, references_in
from tokenward.places import shown

_MOST_NAMED = 3
IN_PLAIN_TEXT = phrase("is in plain text here.")
MAYBE_CUT = phrase("where it begins or ends is uncertain")
NOT_WHOLE = phrase(
    "It is not certain where it begins or ends, so it cannot be moved automatically; use `tokenward put`."
)
SAME_TOKEN = phrase("The same token is also here.")
SAME_TOKEN_PRINTED = phrase("A terminal printed the same token.")
NO_SCANNED_FOLDER = phrase("Tokenward scans no open folder; open one, or turn on `tokenward.scanWorkspace`.")
COMPILING = phrase("Compiling the rules, once")
MOST_LEFT_OUT = 20
_LONGEST_IN_TITLE = 70
"""Characters of a part of a title; menus cut longer ones."""
MOVE_LENS = phrase("Move to keyring")
MOVE_ALL_IN_FILE_TITLE = phrase("Move all tokens in this file to the keyring")
MOVE_ALL_IN_WORKSPACE_TITLE = phrase("Move all tokens in this workspace to the keyring")
MOVE_ALL_ANSWER = phrase("Move")
MOVING = phrase("Moving tokens to the keyring")
FINISH_ANSWER = phrase("Finish")
_CLAUSE = re.compile(
    r"[;:,.] |[;:,.]\Z|[；：，。]| (?:by|with|so that|because|in which|durch|mit|so dass|weil) "  # noqa: RUF001
)
"""Where the first clause of a step ends, in each language."""
IGNORE_TITLE = phrase("Ignore this token")
IGNORE_IN_WORKSPACE_TITLE = phrase("Ignore this token in the whole workspace")
CHECK_TITLE = phrase("Check whether this token still works")
REVOKE_TITLE = phrase("Revoke this token…")
PAGE_TITLE = phrase("Open the provider's page to revoke this token")
PROVIDER_BUSY = phrase("A request about this token is already running; wait for the answer.")
IGNORE_REASON = "ignored in an editor"
CLEAR_OUTPUT = phrase("It is in a cell's output; clear the output and save the notebook.")
CREATE_ENCRYPTED_FILE = phrase("Create an encrypted file")
KEEP_IN_EDITOR = phrase("Store tokens in this editor")
KEPT_IN_EDITOR = phrase(
    "Tokens are now stored in this editor's secret storage. Choose the quick fix again to move the token."
)
PASSPHRASE_PROMPT = phrase("Passphrase of Tokenward's encrypted file")
NEW_PASSPHRASE_PROMPT = phrase("New passphrase for Tokenward's encrypted file")
NEW_PASSPHRASE_AGAIN = phrase("Repeat the passphrase")


def title(names: Sequence[str]) -> str:
    """Return the title of the offer; the names are those that the tokens would get in the keyring."""
    if len(names) == 1:
        return said("Paste as keyring reference {name}", name=names[0])
    return said("Paste as {count} keyring references", count=len(names))


def label(tokens: Sequence[str]) -> str:
    """Return the kinds of the tokens, such as `GitHub token`, without repetitions."""
    return listed(list(dict.fromkeys(tokens)), _MOST_NAMED)


def stored(tokens: Sequence[str], references: Sequence[str], env_file: str) -> str:
    """Return where tokens of these kinds are now; without a change of the environment file, its name is empty."""
    text = said(
        "Moved {tokens} to the keyring and pasted {references} instead.",
        tokens=said("the {token}", token=tokens[0]) if len(tokens) == 1 else counted(len(tokens), "token"),
        references=listed(references, _MOST_NAMED),
    )
    return f"{text} {said('Save {file} too.', file=shown(env_file))}" if env_file else text


def diagnostic(token: str, key_fact: str, *, whole: bool) -> str:
    """Return the message at a token, one short sentence; `key_fact` may be empty."""
    facts = "; ".join(filter(None, [key_fact, "" if whole else said(MAYBE_CUT)]))
    if not facts:
        return said("{token} in plain text.", token=token)
    return said("{token} in plain text: {facts}.", token=token, facts=facts)


def too_large(limit: int) -> str:
    """Return why a document is not scanned."""
    return said(
        "Tokenward did not scan this document, because it is larger than {limit} bytes; raise "
        "`tokenward.maxDocumentBytes` to scan it.",
        limit=f"{limit:,}",
    )


def too_slow(seconds: float) -> str:
    """Return why a document was not scanned completely."""
    return said(
        "Tokenward stopped scanning this document after {seconds} s, so tokens in it may go unseen.",
        seconds=f"{seconds:.0f}",
    )


def too_many_files(most: int) -> str:
    """Return that the tokens in other files are not shown."""
    return said(
        "Tokenward found tokens in more than {most} files. It shows those in the first {most} and in "
        "files that you open; `tokenward scan` lists all.",
        most=f"{most:,}",
    )


def too_wide(folder: str) -> str:
    """Return why a folder's files are not scanned."""
    return said(
        "Tokenward scans only the files that you open in {folder}, because the folder is too broad; "
        "open a project's folder, or run `tokenward scan` there.",
        folder=shown(folder),
    )


def scanning_title(folder: str) -> str:
    """Return the title of the progress bar of a folder's scan."""
    return said("Scanning {folder} for tokens", folder=shown(folder))


def scanned(files: int, tokens: str, seconds: float, *, was_cancelled: bool) -> str:
    """Return the result of a folder's scan."""
    if was_cancelled:
        return said(
            "Stopped after {files}: {tokens}. The remaining files will be scanned when they change.",
            files=counted(files, "file"),
            tokens=tokens,
        )
    return said(
        "Scanned {files} in {seconds} s: {tokens}.",
        files=counted(files, "file"),
        seconds=f"{seconds:.1f}",
        tokens=tokens,
    )


def scan_details(
    folder: str, outcome: str, ignored: Mapping[str, int], left_out: Sequence[str]
) -> Iterator[str]:
    """Yield the result of a folder's scan for the log, with everything that was ignored or left out."""
    yield f"{shown(folder)}: {outcome}"
    for source, count in sorted(ignored.items()):
        text = said(
            "{findings} ignored by {source}.", findings=counted(count, "finding"), source=shown(source)
        )
        yield f"{shown(folder)}: {text}"
    yield from left_out[:MOST_LEFT_OUT]
    if len(left_out) > MOST_LEFT_OUT:
        rest = len(left_out) - MOST_LEFT_OUT
        yield f"{shown(folder)}: {rest:,} more were left out; `tokenward scan` lists them."


def move_title(token: str, name: str, look_up: str, after: str) -> str:
    """Return the title of a move, with the lookup that takes the token's place, and the steps left to do."""
    is_shown = 0 < len(look_up) <= _LONGEST_IN_TITLE and not any(references_in(look_up))
    title = said("Move this {token} to the keyring as {name}", token=token, name=name)
    if is_shown:
        title = said(
            "Move this {token} to the keyring as {name} and read it with `{look_up}`",
            token=token,
            name=name,
            look_up=shown(look_up),
        )
    return f"{title}{_then(after)}"


def move_all_title(count: int, name: str, after: str) -> str:
    """Return the title of a move of all occurrences of a token in a file."""
    title = said("Move all {count} occurrences in this file to the keyring as {name}", count=count, name=name)
    return f"{title}{_then(after)}"


def finish_question(commands: Sequence[str]) -> str:
    """Return the question whether to start the commands that a move has left."""
    named = "; ".join(f"`{command}`" for command in commands)
    return said("Left to do: {commands}. Do this now, with the stored values?", commands=named)


def finished(count: int, failures: Sequence[Exception]) -> str:
    """Return how many of the steps that were left are done, and why others are not."""
    done = count - len(failures)
    return " ".join(
        [*([said("Done: {steps}.", steps=counted(done, "step"))] if done else []), *map(str, failures)]
    )


def shortly(after: str) -> str:
    """Return the steps left to do in a few words that follow `then`, or an empty text."""
    first = _CLAUSE.split(after, maxsplit=1)[0]
    if len(first) > _LONGEST_IN_TITLE:
        return said("finish by hand")
    return f"{first[:1].lower()}{first[1:]}"


def _then(after: str) -> str:
    return said("; then {step}", step=shortly(after)) if after else ""


def ignored_in_workspace(entry_file: str) -> str:
    """Return the message after an ignore entry was added."""
    return said(
        "Added an entry to {file}. Please give the reason there; `tokenward ignore list` shows what the entry ignores.",
        file=shown(entry_file),
    )


def moved(token: str, reference: str, files: Sequence[str], after: str) -> str:
    """Return the message after a token was moved."""
    text = said(
        "Moved the {token} to the keyring as {reference}. Save {files}.",
        token=token,
        reference=reference,
        files=listed(files),
    )
    return f"{text} {after}".rstrip()


def stored_aside(token: str, reference: Reference, look_up: str, environment: str) -> str:
    """Return the message after a token was stored while its text stays."""
    values = {"token": token, "reference": reference, "file": environment, "look_up": look_up}
    if look_up == reference.name:
        return said(
            "Stored the {token} as {reference} and added it to {file}. Save {file}, and let the program read the "
            "variable {look_up} instead of this text.",
            **values,
        )
    return said(
        "Stored the {token} as {reference} and added it to {file}. Save {file}, and write `{look_up}` in its place.",
        **values,
    )


def starting_failed(reason: str) -> str:
    """Return the message after the rules failed to load."""
    return said(
        "Tokenward cannot scan because its rules did not load ({reason}). Run `tokenward doctor`.",
        reason=reason,
    )


def no_keyring(reason: str, *, has_file: bool, has_editor: bool) -> str:
    """Return the offer of another storage where there is no keyring, which is an encrypted file or the editor."""
    places = [
        *([said("in an encrypted file")] if has_file else []),
        *([said("in this editor's secret storage")] if has_editor else []),
    ]
    return f"{reason} {said('Tokenward can store tokens {places} instead.', places=either(places))}"


def encrypted_file_made(path: str) -> str:
    """Return the message after an encrypted file was created."""
    return said(
        "Tokens are now stored in the encrypted file {path}. Choose the quick fix again to move the token.",
        path=path,
    )
