"""workspace/configuration, didChangeConfiguration and workspace folders."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.lsp.client.session import Session
from tokenward.lsp.client.uris import to_path, to_uri
from tokenward.lsp.diagnostics.open_folders import Workspace
from tokenward.lsp.diagnostics.scheduler import Publisher
from tokenward.names import SETTINGS_SECTION
from tokenward.settings import Problem, Settings, load_settings

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


async def first(session: Session, publisher: Publisher, workspace: Workspace) -> None:
    """Take on the settings files at once, and the editor's settings when the client has answered."""
    await adopt(session, publisher, workspace)
    await fetch(session, publisher, workspace)


async def fetch(session: Session, publisher: Publisher, workspace: Workspace) -> None:
    """Ask the client for our settings, for each folder by itself, and take them on."""
    if not session.capabilities.sends_configuration:
        await adopt(session, publisher, workspace)
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
        session.editor_settings = {None: session.sent_settings, **said}
        await adopt(session, publisher, workspace)


async def adopt(session: Session, publisher: Publisher, workspace: Workspace) -> None:
    """Read the settings files, put the editor's settings over them, and scan anew where that matters."""
    read, problems = await session.in_scan_thread(partial(_read, session, tuple(session.folders)))
    for problem in problems:
        if problem not in session.told_problems:
            log.warning("%s", problem)
            session.tell(str(problem))
    session.told_problems = problems
    before = session.settings, session.folder_settings
    session.settings = next(iter(read.values()))
    session.folder_settings = {folder: one for folder, one in read.items() if folder is not None}
    logging.getLogger("tokenward").setLevel(session.settings.log_level.upper())
    if _affects_documents(*before) != _affects_documents(session.settings, session.folder_settings):
        publisher.all_again()
    if _hints_in(*before) != _hints_in(session.settings, session.folder_settings):
        session.hints.outdated()
    workspace.update()


def _read(
    session: Session, folders: Sequence[Path]
) -> tuple[dict[Path | None, Settings], tuple[Problem, ...]]:
    """The settings of each folder, or of none when none is open, and what in them has no effect."""
    read: dict[Path | None, Settings] = {}
    problems: dict[Problem, None] = {}
    asked: Sequence[Path | None] = folders or (None,)
    for folder in asked:
        editor = session.editor_settings.get(folder, session.editor_settings.get(None))
        read[folder], found = load_settings(session.places, folder, editor)
        problems |= dict.fromkeys(found)
    return read, tuple(problems)


def _affects_documents(settings: Settings, by_folder: Mapping[Path, Settings]) -> object:
    own = {folder: (one.enabled, one.max_document_bytes) for folder, one in by_folder.items()}
    return settings.enabled, settings.max_document_bytes, own


def _hints_in(settings: Settings, by_folder: Mapping[Path, Settings]) -> object:
    return settings.expiry_hints, {folder: one.expiry_hints for folder, one in by_folder.items()}


async def watch(session: Session) -> None:
    """Ask to be told of changes of our settings and of files, where the client must be asked."""
    registrations = []
    if session.capabilities.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SETTINGS_SECTION)
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if session.capabilities.registers_watched_files:
        every = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
        registrations.append(_registration(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, every))
    if registrations:
        await session.server.client_register_capability_async(types.RegistrationParams(registrations))


def _registration(method: str, options: object) -> types.Registration:
    return types.Registration(f"tokenward-{method}", method, options)


async def did_change(
    session: Session,
    publisher: Publisher,
    workspace: Workspace,
    params: types.DidChangeConfigurationParams,
) -> None:
    """Take on new settings; a client that cannot be asked sends them along."""
    sent = params.settings
    if isinstance(sent, dict) and SETTINGS_SECTION in sent:
        session.sent_settings = sent[SETTINGS_SECTION]
        session.editor_settings = {None: session.sent_settings}
    await fetch(session, publisher, workspace)


async def did_change_folders(
    session: Session,
    publisher: Publisher,
    workspace: Workspace,
    params: types.DidChangeWorkspaceFoldersParams,
) -> None:
    """Follow the folders that come and go, and ask for the settings of the new ones."""
    gone = {to_path(folder.uri) for folder in params.event.removed}
    come = [path for folder in params.event.added if (path := to_path(folder.uri)) is not None]
    session.folders = [folder for folder in session.folders if folder not in gone] + come
    session.place_documents()
    await adopt(session, publisher, workspace)
    publisher.all_again()
    await fetch(session, publisher, workspace)
