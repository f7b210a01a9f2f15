"""At the start: what became of moves that a crash cut off."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.files.writes_under_way import clear_up
from tokenward.operations.recovery.moves import recover


async def tell_cut_off_moves(session: Session, keeping: Keeping) -> None:
    """Settle them and say of each where its token stands; the keyring is asked only if there are any."""
    settled = partial(_settled, editor=LspEditor(session), notes=session.places.writes)
    for sentence in await keeping.run(settled) or ():
        session.tell(sentence)


def _settled(context: Context, *, editor: Editor, notes: Path) -> list[str]:
    clear_up(notes)
    return list(recover(context, editor))
