"""tokenward/launch: resolves the references in what a debugger is about to start a program with."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.errors import TokenwardError, VaultUnavailable
from tokenward.lsp.client.convert import to_path
from tokenward.lsp.parts import Parts
from tokenward.operations.context import Context
from tokenward.operations.programs import find_program
from tokenward.operations.run.environment import LARGEST_ENVIRONMENT
from tokenward.operations.run.launch import Launch, Start, read_start, resolve_start
from tokenward.operations.use import Purpose, Use
from tokenward.vault.unlocking import SECRET_VARIABLES

MOST_FILES = 100


async def launch(parts: Parts, params: Any) -> dict[str, Any]:
    """Return the variables and arguments with values instead of references; no other answer contains values.

    Raises:
        TokenwardError: a reference does not resolve, so none is resolved.
    """
    session = parts.session
    uri = params.get("uri") if isinstance(params, dict) else None
    folder = to_path(uri) if isinstance(uri, str) else None
    if folder is None or folder not in session.folders:
        raise TokenwardError("References resolve only in an open folder; open the program's folder.")
    start = _start(params)
    base = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
    marked = await session.in_edit_thread(partial(read_start, start, base))
    if not marked.references:
        return {"env": dict(start.env), "args": list(start.args), "changed": False}

    def resolved(context: Context) -> Launch:
        name, command, found = start.program, (start.program, *start.args) if start.program else (), None
        if name:
            # As `tokenward run` does: in `folder` if the name has a folder part, else on PATH.
            found = find_program(str(folder / name) if os.path.dirname(name) else name)  # noqa: PTH120
        use = Use.own(Purpose.LAUNCH, Path(found) if found else None, command, editor=context.editor)
        return resolve_start(replace(context, settings=session.settings_of(folder)), folder, marked, use)

    launched = await parts.vault.run(resolved)
    if launched is None:
        raise VaultUnavailable("There was no keyring to read the tokens from; start again.")
    return {"env": dict(launched.env), "args": list(launched.args), "changed": True}


def _start(params: Any) -> Start:
    """Return checked parameters.

    Raises:
        TokenwardError: they cannot be used.
    """
    env, files, args = params.get("env"), params.get("envFiles"), params.get("args")
    program = params.get("program")
    if not (isinstance(env, dict) and isinstance(files, list) and isinstance(args, list)):
        raise _unusable()
    are_texts = all(isinstance(text, str) for text in (*env.values(), *args, program or ""))
    are_names = all(name and not {"=", "\0"} & set(name) for name in env)
    are_paths = all(isinstance(file, str) and os.path.isabs(file) and "\0" not in file for file in files)  # noqa: PTH117
    if not (are_texts and are_names and are_paths and len(files) <= MOST_FILES):
        raise _unusable()
    if sum(map(len, (*env, *env.values(), *args))) > LARGEST_ENVIRONMENT or "\0" in (program or ""):
        raise _unusable()
    return Start(env, tuple(map(Path, files)), tuple(args), program)


def _unusable() -> TokenwardError:
    return TokenwardError("The program to start is not described correctly; check its `env` and `args`.")
