"""The arguments of commands, and the document or stored token that each names."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.errors import DocumentChanged, TokenwardError
from tokenward.lsp.client.session import Session
from tokenward.model import Fingerprint, Point, Reference
from tokenward.operations.approval.messages import whole_reference
from tokenward.operations.context import Context
from tokenward.operations.stored.listing import OpenWorkspace, workspace_for
from tokenward.operations.token_names import require_known
from tokenward.sources.documents import Document
from tokenward.token_prefixes import is_token_name


@dataclass(frozen=True, slots=True)
class CommandArgument:
    """The argument of one of our actions; anything else is refused."""

    uri: str
    version: int
    fingerprint: Fingerprint
    at: Point | None
    name: str | None
    template: bool

    @classmethod
    def of(cls, raw: object) -> CommandArgument:
        """Parse an argument, and refuse an invalid one."""
        if not isinstance(raw, dict):
            raise TokenwardError("The command has no argument; use the editor's quick fix.")
        uri, version, fingerprint = (raw.get(key) for key in ("uri", "version", "fingerprint"))
        line, column, name = (raw.get(key) for key in ("line", "column", "name"))
        if not (isinstance(uri, str) and isinstance(version, int) and isinstance(fingerprint, str)):
            raise TokenwardError("The command's argument is incomplete; use the editor's quick fix.")
        at = Point(line, column) if isinstance(line, int) and isinstance(column, int) else None
        usable = isinstance(name, str) and is_token_name(name)
        template = raw.get("template") is True
        return cls(uri, version, Fingerprint(fingerprint), at, name if usable else None, template)


def open_document(session: Session, raw: object) -> Document:
    """Return the document that an argument names by its URI and version.

    Raises:
        DocumentChanged: it is closed or at another version.
    """
    fields = raw if isinstance(raw, dict) else {}
    uri = fields.get("uri")
    document = session.documents.get(uri) if isinstance(uri, str) else None
    if document is None or document.version != fields.get("version"):
        raise DocumentChanged("The file has changed since; choose the action again.")
    return document


def stored_reference(raw: object) -> Reference:
    """Return the reference that a command's argument names.

    Raises:
        TokenwardError: it names no reference.
    """
    try:
        return whole_reference(raw.get("reference") if isinstance(raw, dict) else None)
    except ValueError:
        raise TokenwardError(
            "The command's argument names no reference; choose a token in the list."
        ) from None


async def workspace_of_stored(session: Session, context: Context, reference: Reference) -> OpenWorkspace:
    """Return the open workspace of a reference, because the request may come from any extension.

    Raises:
        WorkspaceElsewhere: it belongs to no open workspace.
    """

    def find() -> OpenWorkspace:
        require_known(context.entries, [reference])
        return workspace_for(context.bindings, tuple(session.folders), reference)

    return await session.in_scan_thread(find)
