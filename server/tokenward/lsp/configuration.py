"""workspace/configuration, didChangeConfiguration and workspace folders."""

from __future__ import annotations

import logging
from pathlib import Path

from lsprotocol import types

from tokenward.lsp.diagnostics import Publisher
from tokenward.lsp.session import Session
from tokenward.lsp.uris import to_path
from tokenward.names import SETTINGS_SECTION
from tokenward.settings import Settings, load_settings

log = logging.getLogger("tokenward.lsp")


def first_folders(params: types.InitializeParams) -> list[Path]:
    """The folders that the client opened, by the newest of the three ways to say so."""
    if params.workspace_folders is not None:
        named = [to_path(folder.uri) for folder in params.workspace_folders]
    elif params.root_uri is not None:
        named = [to_path(params.root_uri)]
    else:
        named = [Path(params.root_path)] if params.root_path else []
    return [path for path in named if path is not None]


async def first(session: Session, publisher: Publisher) -> None:
    """Take on the settings files at once, and the editor's settings when the client has answered."""
    await adopt(session, publisher)
    await fetch(session, publisher)


async def fetch(session: Session, publisher: Publisher) -> None:
    """Ask the client for our settings and take them on."""
    workspace = session.capabilities.workspace
    if workspace is not None and workspace.configuration:
        items = [types.ConfigurationItem(section=SETTINGS_SECTION)]
        answers = await session.server.workspace_configuration_async(types.ConfigurationParams(items))
        if answers and answers[0] is not None:
            session.editor_settings = answers[0]
    await adopt(session, publisher)


async def adopt(session: Session, publisher: Publisher) -> None:
    """Read the settings files, put the editor's settings over them, and scan anew where that matters."""
    root = session.folders[0] if session.folders else None
    editor = session.editor_settings
    settings, problems = await session.in_scan_thread(lambda: load_settings(session.places, root, editor))
    for problem in problems:
        if problem not in session.told_problems:
            log.warning("%s", problem)
            session.tell(str(problem))
    session.told_problems = problems
    before, session.settings = session.settings, settings
    logging.getLogger("tokenward").setLevel(settings.log_level.upper())
    if _affects_scans(before) != _affects_scans(settings):
        publisher.all_again()


def _affects_scans(settings: Settings) -> tuple[bool, int]:
    return settings.enabled, settings.max_document_bytes


async def watch(session: Session) -> None:
    """Ask to be told of changes of our settings, where the client must be asked."""
    workspace = session.capabilities.workspace
    changes = workspace.did_change_configuration if workspace else None
    if changes is None or not changes.dynamic_registration:
        return
    options = types.DidChangeConfigurationRegistrationOptions(section=SETTINGS_SECTION)
    registration = types.Registration(
        "tokenward-configuration", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options
    )
    await session.server.client_register_capability_async(types.RegistrationParams([registration]))


async def did_change(
    session: Session, publisher: Publisher, params: types.DidChangeConfigurationParams
) -> None:
    """Take on new settings; a client that cannot be asked sends them along."""
    sent = params.settings
    if isinstance(sent, dict) and SETTINGS_SECTION in sent:
        session.editor_settings = sent[SETTINGS_SECTION]
    await fetch(session, publisher)


async def did_change_folders(
    session: Session, publisher: Publisher, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Follow the folders that come and go; the first one's settings file counts."""
    gone = {to_path(folder.uri) for folder in params.event.removed}
    come = [path for folder in params.event.added if (path := to_path(folder.uri)) is not None]
    session.folders = [folder for folder in session.folders if folder not in gone] + come
    await adopt(session, publisher)
