"""workspace/executeCommand: does the steps that a move has left, and offers to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tokenward.errors import TokenwardError
from tokenward.lsp.commands.command_argument import stored_reference, workspace_of_stored
from tokenward.lsp.parts import Parts
from tokenward.operations.context import Context
from tokenward.operations.run.follow_ups import ReadyStep, ready_step, start_step
from tokenward.presentation import wording
from tokenward.rewriting.follow_up import FollowUp


async def finish(parts: Parts, argument: Any) -> None:
    """Start the commands of the steps that the argument names, once the user agrees to them."""
    session = parts.session
    folder, ready = await _ready(parts, _steps(argument))
    question = wording.finish_question([*map(str, ready)])
    if not ready or await session.choose(question, [wording.FINISH_ANSWER]) != wording.FINISH_ANSWER:
        return

    def start(context: Context) -> list[TokenwardError]:
        failed = list[TokenwardError]()
        for step in ready:
            try:
                start_step(context, folder, step)
            except TokenwardError as error:
                failed.append(error)
        return failed

    failed = await parts.vault.run_in(folder, start)
    if failed is not None:
        show = session.show_message if failed else session.inform
        show(wording.finished(len(ready), failed))


async def tell_moved(
    parts: Parts, message: str, left: Iterable[FollowUp | None], *, is_warning: bool = False
) -> dict[str, Any] | None:
    """Tell the user that tokens were moved, and offer to do the steps left; return what the client is to do of that."""
    session = parts.session
    _, ready = await _ready(parts, [*dict.fromkeys(filter(None, left))])
    steps = [{**asdict(one.step), "reference": str(one.step.reference)} for one in ready]
    if "moved" in session.capabilities.extensions and not is_warning:
        return {"message": message, **({"finish": {"steps": steps}} if steps else {})}
    show = session.show_message if is_warning else session.inform
    show(message)
    if steps:
        session.start_task(finish(parts, {"steps": steps}))
    return None


def _steps(argument: Any) -> list[FollowUp]:
    try:
        return [
            FollowUp(one["program"], stored_reference(one), str(one["own"]), str(one["url"]))
            for one in argument["steps"]
        ]
    except (KeyError, TypeError, ValueError):
        raise TokenwardError("The command's argument names no step that a move has left.") from None


async def _ready(parts: Parts, steps: Sequence[FollowUp]) -> tuple[Path, list[ReadyStep]]:
    """Return the workspace of a move's steps, and those that can be started there."""
    if not steps:
        return Path(), []
    session = parts.session
    workspace = await workspace_of_stored(session, parts.vault.context(), steps[0].reference)
    folder = workspace.folder
    found = await session.in_scan_thread(lambda: [ready_step(folder, step) for step in steps])
    return folder, [*filter(None, found)]
