"""workspace/configuration, didChangeConfiguration and workspace folders."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.lsp.client.convert import to_path, to_uri
from tokenward.lsp.client.session import Session
from tokenward.lsp.parts import Parts
from tokenward.model import Problem
from tokenward.names import SETTINGS_SECTION
from tokenward.settings import Settings, load_settings

log = logging.getLogger("tokenward.lsp")


def first_folders(params: types.InitializeParams) -> list[Path]:
    """Return the client's open folders, from the newest of the protocol's three fields for them."""
    if params.workspace_folders is not None:
        named = [to_path(folder.uri) for folder in params.workspace_folders]
    elif params.root_uri is not None:
        named = [to_path(params.root_uri)]
    else:
        named = [Path(params.root_path)] if params.root_path else []
    return [path for path in named if path is not None]


async def load(parts: Parts) -> None:
    """Apply the settings files at once, and the editor's settings once the client has answered."""
    await adopt(parts)
    await fetch(parts)


async def fetch(parts: Parts) -> None:
    """Request our settings from the client, for each folder, and apply them."""
    session = parts.session
    if not session.capabilities.sends_configuration:
        await adopt(parts)
        return
    session.settings_requests += 1
    request, scopes = session.settings_requests, [None, *session.folders]
    items = [
        types.ConfigurationItem(section=SETTINGS_SECTION, scope_uri=None if scope is None else to_uri(scope))
        for scope in scopes
    ]
    answers = await session.server.workspace_configuration_async(types.ConfigurationParams(items))
    # Answers may arrive out of order; only those to the last request count.
    if answers is not None and request == session.settings_requests:
        by_scope = {
            scope: answer for scope, answer in zip(scopes, answers, strict=False) if answer is not None
        }
        session.editor_settings = {None: session.sent_settings, **by_scope}
        await adopt(parts)


async def adopt(parts: Parts) -> None:
    """Read the settings files, apply the editor's settings on top, and scan again what is affected."""
    session = parts.session
    read, problems = await session.in_scan_thread(partial(_read, session, tuple(session.folders)))
    for problem in problems:
        if problem not in session.shown_problems:
            log.warning("%s", problem)
            session.show_message(problem.sentence)
    session.shown_problems = problems
    before = session.settings, session.folder_settings
    session.settings = next(iter(read.values()))
    session.folder_settings = {folder: one for folder, one in read.items() if folder is not None}
    logging.getLogger("tokenward").setLevel(session.settings.log_level.upper())
    if _affects_documents(*before) != _affects_documents(session.settings, session.folder_settings):
        parts.scheduler.scan_all()
    if _hints_in(*before) != _hints_in(session.settings, session.folder_settings):
        session.hints.invalidate()
    parts.open_folders.update()


def _read(
    session: Session, folders: Sequence[Path]
) -> tuple[dict[Path | None, Settings], tuple[Problem, ...]]:
    """Read the settings of each folder, or those without a folder if none is open; also return their problems."""
    read: dict[Path | None, Settings] = {}
    problems: dict[Problem, None] = {}
    scopes: Sequence[Path | None] = folders or (None,)
    for folder in scopes:
        editor = session.editor_settings.get(folder, session.editor_settings.get(None))
        read[folder], found = load_settings(session.places, folder, editor)
        problems |= dict.fromkeys(found)
    return read, tuple(problems)


def _affects_documents(settings: Settings, by_folder: Mapping[Path, Settings]) -> object:
    own = {folder: (one.enabled, one.max_document_bytes) for folder, one in by_folder.items()}
    return settings.enabled, settings.max_document_bytes, own


def _hints_in(settings: Settings, by_folder: Mapping[Path, Settings]) -> object:
    return settings.expiry_hints, {folder: one.expiry_hints for folder, one in by_folder.items()}


async def register(session: Session) -> None:
    """Register for changes of our settings and of files, if the client requires it."""
    registrations = []
    if session.capabilities.registers_configuration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SETTINGS_SECTION)
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        registrations.append(types.Registration(f"tokenward-{method}", method, options))
    if session.capabilities.registers_watched_files:
        every = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        registrations.append(types.Registration(f"tokenward-{method}", method, every))
    if registrations:
        await session.server.client_register_capability_async(types.RegistrationParams(registrations))


async def did_change(parts: Parts, params: types.DidChangeConfigurationParams) -> None:
    """Apply new settings, which a client that answers no requests includes."""
    session = parts.session
    sent = params.settings
    if isinstance(sent, dict) and SETTINGS_SECTION in sent:
        session.sent_settings = sent[SETTINGS_SECTION]
        session.editor_settings = {None: session.sent_settings}
    await fetch(parts)


async def did_change_folders(parts: Parts, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Update the open folders, and request the settings of new ones."""
    session = parts.session
    removed = {to_path(folder.uri) for folder in params.event.removed}
    added = [path for folder in params.event.added if (path := to_path(folder.uri)) is not None]
    session.folders = [folder for folder in session.folders if folder not in removed] + added
    session.place_documents()
    await adopt(parts)
    parts.scheduler.scan_all()
    await fetch(parts)
