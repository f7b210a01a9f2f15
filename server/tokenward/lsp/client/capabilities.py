"""ClientCapabilities: what the client announces, resolved once from lsprotocol's tree at `initialize`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from lsprotocol import types

from tokenward.fast_dataclasses import dataclass
from tokenward.text import Encoding


@dataclass(frozen=True, slots=True)
class ClientCapabilities:
    """What a client can do; the defaults are for a client that announces nothing.

    Attributes:
        encoding: the first offered encoding that we know.
        pulls_diagnostics: it pulls diagnostics and accepts requests to pull them again.
        shows_related: it shows related places of a diagnostic.
        links_rules: it links a diagnostic to a page about its rule.
        strikes_through: it strikes through text that a diagnostic calls obsolete.
        hover_kind: its preferred markup for a hover.
        documentation_kind: its preferred markup for the documentation of a completion item.
        links_definitions: it accepts a definition together with the range that links there.
        refreshes_hints: it accepts requests to refresh inlay hints.
        asks: it can ask its user a question and return the answer.
        opens_documents: it opens documents and web pages for its user.
        shows_progress: it shows progress bars that the server begins.
        sends_configuration: it answers `workspace/configuration`.
        registers_configuration: it reports changes of the configuration if the server registers for them.
        registers_watched_files: the same for changes of files.
        applies_edits: it applies edits at all.
        versions_edits: it accepts edits that name the version of their document.
        creates_files: it creates files as part of an edit.
        extensions: the methods of ours that it supports, from `experimental.tokenward`.
    """

    encoding: Encoding = Encoding.UTF16
    pulls_diagnostics: bool = False
    shows_related: bool = False
    links_rules: bool = False
    strikes_through: bool = False
    hover_kind: types.MarkupKind = types.MarkupKind.PlainText
    documentation_kind: types.MarkupKind = types.MarkupKind.PlainText
    links_definitions: bool = False
    refreshes_hints: bool = False
    asks: bool = False
    opens_documents: bool = False
    shows_progress: bool = False
    sends_configuration: bool = False
    registers_configuration: bool = False
    registers_watched_files: bool = False
    applies_edits: bool = False
    versions_edits: bool = False
    creates_files: bool = False
    extensions: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, client: types.ClientCapabilities, *, applies_edits: bool = False) -> ClientCapabilities:
        """Resolve the capabilities that a client announces; Kate applies edits without announcing it."""
        documents = client.text_document or types.TextDocumentClientCapabilities()
        workspace = client.workspace or types.WorkspaceClientCapabilities()
        window = client.window or types.WindowClientCapabilities()
        item = documents.completion.completion_item if documents.completion else None
        edit = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
        refresh = workspace.diagnostics.refresh_support if workspace.diagnostics else None
        settings, files = workspace.did_change_configuration, workspace.did_change_watched_files
        experimental = client.experimental if isinstance(client.experimental, dict) else {}
        ours = experimental.get("tokenward")
        # A client from before 3.18 that pulls diagnostics describes only pushed ones.
        diagnostics = [one for one in (documents.publish_diagnostics, documents.diagnostic) if one]
        tags = [one.tag_support.value_set for one in diagnostics if one.tag_support]
        encodings = {encoding.value: encoding for encoding in Encoding}
        announced = (client.general and client.general.position_encodings) or ()
        offered = (str(getattr(one, "value", one)) for one in announced)
        return cls(
            encoding=next((encodings[name] for name in offered if name in encodings), Encoding.UTF16),
            pulls_diagnostics=documents.diagnostic is not None and bool(refresh),
            shows_related=any(one.related_information for one in diagnostics),
            links_rules=any(one.code_description_support for one in diagnostics),
            strikes_through=any(types.DiagnosticTag.Deprecated in known for known in tags),
            hover_kind=_preferred(documents.hover.content_format if documents.hover else None),
            documentation_kind=_preferred(item.documentation_format if item else None),
            links_definitions=bool(documents.definition and documents.definition.link_support),
            refreshes_hints=bool(workspace.inlay_hint and workspace.inlay_hint.refresh_support),
            asks=window.show_message is not None,
            opens_documents=window.show_document is not None and window.show_document.support,
            shows_progress=bool(window.work_done_progress),
            sends_configuration=bool(workspace.configuration),
            registers_configuration=bool(settings and settings.dynamic_registration),
            registers_watched_files=bool(files and files.dynamic_registration),
            applies_edits=applies_edits or bool(workspace.apply_edit),
            # Neovim 0.10 accepts versioned edits but announces only the file operations that go with them.
            versions_edits=bool(edit.document_changes or edit.resource_operations),
            creates_files=types.ResourceOperationKind.Create in (edit.resource_operations or ()),
            extensions=frozenset(name for name, value in ours.items() if value is True)
            if isinstance(ours, dict)
            else frozenset(),
        )


def _preferred(formats: Sequence[types.MarkupKind] | None) -> types.MarkupKind:
    return next((types.MarkupKind(kind) for kind in formats or ()), types.MarkupKind.PlainText)
