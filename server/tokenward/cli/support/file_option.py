"""The option `--file` of `run`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import say, sentence
from tokenward.custody.bindings.bindings import Bindings
from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program
from tokenward.operations.run.command_file import CommandFile, private_path, references_of, require_free
from tokenward.operations.run.inject_target import require_uncommitted
from tokenward.places import shown
from tokenward.sources.editable_file import read_text

_VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def command_files(texts: list[str], invocation: Invocation) -> Iterator[CommandFile]:
    """Yield the files that the options ask for; print a line for each that Git would commit.

    Raises:
        TokenwardError: a template cannot be read, or the file cannot be where it is wanted.
    """
    for text in texts:
        template, _, place = text.rpartition("=")
        if not template or not place:
            raise TokenwardError(
                "`--file` needs a template and a place; write TEMPLATE=PLACE, or TEMPLATE={NAME} for a private file "
                "whose path the command gets as NAME."
            )
        source, variable = _absolute(template), _VARIABLE.fullmatch(place)
        file = read_text(source)
        if file is None:
            raise TokenwardError(f"{shown(template)} does not exist; check the path.")
        workspace = Bindings(invocation.places.custody).root_for(source.parent, absolute(Path()))
        references = references_of(file.text)
        if variable:
            path = private_path(invocation.places, source.name)
            yield CommandFile(source, file.text, workspace, path, variable[1], path.parent, references)
        else:
            yield CommandFile(source, file.text, workspace, _free(_absolute(place)), references=references)


def _free(place: Path) -> Path:
    require_free(place)
    try:
        require_uncommitted(place, find_program("git"), os.environ)
    except TokenwardError as error:
        say(f"tokenward: {sentence(error)}")
    return place


def _absolute(path: str) -> Path:
    # A shell leaves a `~` after `=` as it is.
    return absolute(Path(os.path.expanduser(path)))  # noqa: PTH111 - without a home it stays as it is
