"""workspace/configuration, didChangeConfiguration and workspace folders."""

from __future__ import annotations

import logging
from pathlib import Path

from lsprotocol import types

from tokenward.lsp.diagnostics import Publisher
from tokenward.lsp.session import Session
from tokenward.lsp.uris import to_path, to_uri
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
    """Ask the client for our settings, for each folder by itself, and take them on."""
    workspace = session.capabilities.workspace
    if workspace is None or not workspace.configuration:
        await adopt(session, publisher)
        return
    session.asked_settings += 1
    asked, scopes = session.asked_settings, [None, *session.folders]
    items = [
        types.ConfigurationItem(section=SETTINGS_SECTION, scope_uri=None if scope is None else to_uri(scope))
        for scope in scopes
    ]
    answers = await session.server.workspace_configuration_async(types.ConfigurationParams(items))
    # Answers may come out of order; only those to the last question count.
    if answers is not None and asked == session.asked_settings:
        said = {scope: answer for scope, answer in zip(scopes, answers, strict=False) if answer is not None}
        session.editor_settings |= said
        await adopt(session, publisher)


async def adopt(session: Session, publisher: Publisher) -> None:
    """Read the settings files, put the editor's settings over them, and scan anew where that matters."""
    root = session.folders[0] if session.folders else None
    editor = session.editor_settings.get(root, session.editor_settings.get(None))
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
        session.editor_settings = {None: sent[SETTINGS_SECTION]}
    await fetch(session, publisher)


async def did_change_folders(
    session: Session, publisher: Publisher, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Follow the folders that come and go, and ask for the settings of the new ones."""
    gone = {to_path(folder.uri) for folder in params.event.removed}
    come = [path for folder in params.event.added if (path := to_path(folder.uri)) is not None]
    session.folders = [folder for folder in session.folders if folder not in gone] + come
    await fetch(session, publisher)
