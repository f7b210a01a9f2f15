"""What a client says that it can show."""

from __future__ import annotations

from lsprotocol import types


def shows_related(capabilities: types.ClientCapabilities) -> bool:
    """Whether it shows places that have to do with a diagnostic."""
    return any(one.related_information for one in _of_diagnostics(capabilities))


def opens_pages(capabilities: types.ClientCapabilities) -> bool:
    """Whether it leads from a diagnostic to a page about it."""
    return any(one.code_description_support for one in _of_diagnostics(capabilities))


def strikes_through(capabilities: types.ClientCapabilities) -> bool:
    """Whether it shows by a diagnostic that something is no longer of use."""
    supported = (one.tag_support for one in _of_diagnostics(capabilities))
    return any(tags is not None and types.DiagnosticTag.Deprecated in tags.value_set for tags in supported)


def markup_kind(capabilities: types.ClientCapabilities) -> types.MarkupKind:
    """How a hover is written: as the client likes best, and without marks for one that does not say."""
    documents = capabilities.text_document
    wanted = documents.hover.content_format if documents and documents.hover else None
    return next((types.MarkupKind(kind) for kind in wanted or ()), types.MarkupKind.PlainText)


def documentation_kind(capabilities: types.ClientCapabilities) -> types.MarkupKind:
    """The same of what is told of an item that can be completed."""
    documents = capabilities.text_document
    item = documents.completion.completion_item if documents and documents.completion else None
    wanted = item.documentation_format if item else None
    return next((types.MarkupKind(kind) for kind in wanted or ()), types.MarkupKind.PlainText)


def links_definitions(capabilities: types.ClientCapabilities) -> bool:
    """Whether it takes a definition together with the place from which it leads there."""
    documents = capabilities.text_document
    return bool(documents and documents.definition and documents.definition.link_support)


def refreshes_hints(capabilities: types.ClientCapabilities) -> bool:
    """Whether it can be told to ask for inlay hints again."""
    workspace = capabilities.workspace
    return bool(workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support)


def asks(capabilities: types.ClientCapabilities) -> bool:
    """Whether it can put a question to its user and bring back which button was pressed."""
    window = capabilities.window
    return window is not None and window.show_message is not None


def opens_browser(capabilities: types.ClientCapabilities) -> bool:
    """Whether it opens a page of the web for its user."""
    return opens_documents(capabilities)


def opens_documents(capabilities: types.ClientCapabilities) -> bool:
    """Whether it shows its user a document that it is told."""
    window = capabilities.window
    return window is not None and window.show_document is not None and window.show_document.support


def says(capabilities: types.ClientCapabilities, ability: str) -> bool:
    """Whether it announces an ability that is no part of the protocol, by `experimental.tokenward`."""
    experimental = capabilities.experimental
    ours = experimental.get("tokenward") if isinstance(experimental, dict) else None
    return isinstance(ours, dict) and ours.get(ability) is True


def _of_diagnostics(
    capabilities: types.ClientCapabilities,
) -> list[types.PublishDiagnosticsClientCapabilities | types.DiagnosticClientCapabilities]:
    """What it says of diagnostics: a client of before 3.18 that pulls them says so only of those that are pushed."""
    documents = capabilities.text_document
    both = (documents.publish_diagnostics, documents.diagnostic) if documents else ()
    return [one for one in both if one is not None]
