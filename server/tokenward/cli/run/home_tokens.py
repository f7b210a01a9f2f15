"""Gives tokens of the home folder in other folders: with `--home`, to assistants' servers and to known programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import note
from tokenward.custody.bindings.bindings import Bindings
from tokenward.errors import TokenwardError
from tokenward.model import references_in
from tokenward.operations.credentials.workspace_credentials import folder_for
from tokenward.operations.run.repository_programs import is_repositorys, own_variables
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.operations.run.environment import Environment


def variables_for_home(program: str, base: dict[str, str], invocation: Invocation) -> dict[str, str]:
    """Return the inherited variables of a program with `--home`, without those by which it would start a repository's.

    Raises:
        TokenwardError: a repository can have written the program.
    """
    here = Bindings(invocation.places.custody).root_for(absolute(Path()), absolute(Path()))
    if is_repositorys(program, here):
        raise TokenwardError(
            f"A repository can write {shown(program)}, so it gets no token of your home folder; move the token in the "
            "repository's own folder."
        )
    return own_variables(base, base, here)


def servers_folder(
    context: Context, base: Mapping[str, str], program: str | None, invocation: Invocation
) -> Path:
    """Return the folder whose tokens an assistant's server gets: the current one, or that of the assistant's own file.

    An assistant reads its file in the home folder everywhere, and may start a server in any folder.
    """
    if program is None or is_repositorys(program, invocation.folder):
        return invocation.folder
    exported = {reference for value in base.values() for _, reference in references_in(value)}
    folders = {folder_for(context.bindings, "servers", one, invocation.folder) for one in exported}
    # A token that the file does not name gets nothing by the side of one that it names.
    return folders.pop() if len(folders) == 1 else invocation.folder


def without_steering(
    environment: Environment, base: Mapping[str, str], from_home: set[Path], invocation: Invocation
) -> dict[str, str]:
    """Return the variables of a program that gets files of the home folder, without those by which others steer it."""
    variables = environment.variables
    if Bindings(invocation.places.custody).name_of(invocation.folder) is None:
        # A stranger's file could name the host to which the token goes.
        variables = {name: value for name, value in base.items() if name in variables}
        if variables != environment.variables:
            note(
                f"The command gets no variables from the environment file of {shown(invocation.folder)}, "
                f"because it gets {shown(min(from_home))} and no token was moved or stored in that folder."
            )
    return own_variables(variables, base, invocation.folder)
