"""The variables that `run` and `env` choose, and the files that they come from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import note
from tokenward.custody.bindings.bindings import Bindings, why_no_main
from tokenward.custody.callers.asker import asking_process
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.vault.unlocking import SECRET_VARIABLES

if TYPE_CHECKING:
    from tokenward.operations.environment_files.find_files import EnvironmentFiles
    from tokenward.operations.run.environment import Environment, EnvironmentRequest

_MOST_NAMED = 3


def inherited_environment() -> dict[str, str]:
    """Return the environment of the asking process; bytes that are not UTF-8 become lone surrogates."""
    if os.name == "nt":
        return dict(os.environ)
    given = {_decode(name): _decode(value) for name, value in os.environb.items()}
    # In the C locale Python sets LC_CTYPE for its children (PEP 538); undo that where it can be detected.
    try:
        started_with = Path("/proc", str(asking_process()), "environ").read_bytes()
    except OSError:
        return given
    if b"\0LC_CTYPE=" not in b"\0" + started_with:
        given.pop("LC_CTYPE", None)
    return given


def encode_environment(environment: Mapping[str, str]) -> dict[bytes, bytes]:
    """Return an environment as bytes, as the system expects it."""
    return {
        name.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
        for name, value in environment.items()
    }


def _decode(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def environment_files(
    invocation: Invocation,
    env_files: list[Path] | None,
    command: list[str],
    environment: dict[str, str],
    start: Path | None = None,
) -> EnvironmentFiles:
    """Return the given environment files, or those of the framework in use that are nearest to a folder.

    None excludes all of them; without a folder, it is the current one.

    Raises:
        TokenwardError: a given file does not exist.
    """
    from tokenward.operations.environment_files.find_files import DEFAULT_NAME, EnvironmentFiles, find_files

    if env_files is None:
        return EnvironmentFiles.named((), invocation.folder)
    for path in env_files:
        # A command that a move names lists `.env` even if no token is in it.
        if not path.exists() and (path.name != DEFAULT_NAME or len(env_files) == 1):
            raise TokenwardError(f"{shown(path)} does not exist; check the path.")
    if not env_files:
        root, here = invocation.folder, start or absolute(Path())
        main = Bindings(invocation.places.custody).main_folder(root, here)
        return find_files(invocation.settings, root, here, command, environment, main=main)
    given = tuple(map(absolute, env_files))
    return EnvironmentFiles.named(given, given[0].parent)


def wanted_variables(files: EnvironmentFiles, only: list[str]) -> EnvironmentRequest:
    """Return the variables that the options choose.

    Raises:
        TokenwardError: --only names nothing.
    """
    from tokenward.operations.run.environment import EnvironmentRequest

    names = frozenset(name.strip() for part in only for name in part.split(",") if name.strip())
    if only and not names:
        raise TokenwardError("--only names no variable; write `--only A,B`, or omit it.")
    return EnvironmentRequest(files, names if only else None)


def base_environment() -> dict[str, str]:
    """Return the environment of this process without Tokenward's own secrets."""
    return {name: value for name, value in inherited_environment().items() if name not in SECRET_VARIABLES}


def require_no_nul(variables: dict[str, str]) -> None:
    """Refuse values that no environment can hold.

    Raises:
        TokenwardError: a value contains a NUL.
    """
    for name, value in variables.items():
        if "\0" in value:
            raise TokenwardError(
                f"The value of {shown(name)} contains a NUL, which the environment does not allow."
            )


def files_notice(files: EnvironmentFiles, root: Path, *, has_tokens: bool) -> str:
    """Return why a program may lack tokens; empty if the files that were read have some, and no other is meant."""
    from tokenward.operations.environment_files.find_files import may_refer

    unread = [path for path in files.unread if may_refer(path)]
    if not unread:
        if has_tokens:
            return ""
        there = [_named(path) for path in files.read if path.exists()]
        if not there:
            why = why_no_main(root)
            return f"The command gets no tokens, because {shown(root)} has no environment file{why and f', and {why}'}."
        verb = "holds" if len(there) == 1 else "hold"
        return f"The command gets no tokens, because {' and '.join(there)} {verb} no reference."
    remedy = "pass `--env-file` to read them instead."
    if all(path in files.overriding for path in unread):
        variable = files.framework.variables[0]
        remedy = f"set {variable}, as {files.framework.name} does, if the mode is not {files.mode}."
    named = ", ".join(map(_named, unread[:_MOST_NAMED]))
    named += " and others" if len(unread) > _MOST_NAMED else ""
    verb = "holds" if len(unread) == 1 else "hold"
    return f"{named} {verb} references and {'was' if len(unread) == 1 else 'were'} not read; {remedy}"


def shared_notice(files: EnvironmentFiles, *, has_below: bool = False) -> str:
    """Return which files of its repository's main folder a git worktree uses; empty if it uses none."""
    from tokenward.operations.environment_files.find_files import may_refer

    below = [path for one in files.below for path in one.read] if has_below and files.below_main else []
    shared = [*filter(may_refer, [*filter(files.shared.__contains__, files.read), *below])]
    if not shared:
        return ""
    return (
        f"This Git worktree uses the references in {' and '.join(map(_named, shared))} of the main folder, because it "
        "has no such file; plain values stay there."
    )


def _named(path: Path) -> str:
    """Return a file's path from the current folder, as `--env-file` takes it."""
    return shown(os.path.relpath(os.path.realpath(path), os.path.realpath("")))


def say_what_it_lacks(environment: Environment) -> None:
    """Print a line for the inherited variables, and for each of packages below, that a command does not get."""
    if environment.left_out:
        names = shown(", ".join(environment.left_out))
        note(f"The command does not get {names}, a token of another folder.")
    for name, folders in environment.below.undecided.items():
        note(_undecided(name, folders))
    for name, path in environment.below.unmoved.items():
        note(
            f"The command does not get {shown(name)} of {_named(path)}, because no move on this machine left its token "
            "there; start it in that folder, assign it in an environment file here, or use `run --env-file`."
        )


def _undecided(name: str, folders: Sequence[Path]) -> str:
    named = " and ".join(map(_named, folders[:_MOST_NAMED]))
    named += " and others" if len(folders) > _MOST_NAMED else ""
    if len(folders) == 1:
        return (
            f"The command does not get {shown(name)} of {named}, because its value depends on the mode, its lease is "
            "limited, or other code has a value of its own for it; start it there."
        )
    return (
        f"The command does not get {shown(name)}, because it has different values in {named}; start it in the folder "
        "whose value it needs."
    )
