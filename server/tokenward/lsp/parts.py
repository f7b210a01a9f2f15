"""Parts: everything that works for a client, as every handler gets it."""

from __future__ import annotations

from tokenward.fast_dataclasses import dataclass
from tokenward.lsp.approval.socket_server import SocketServer
from tokenward.lsp.client.provider_requests import ProviderRequests
from tokenward.lsp.client.repeated_checks import GuardWatch, TokenList
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.lsp.diagnostics.delivery import Delivery
from tokenward.lsp.diagnostics.open_folders import OpenFolders
from tokenward.lsp.diagnostics.scheduler import ScanScheduler
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.lsp.loading import LoadingScanner
from tokenward.lsp.terminals.other_shells import OtherShells
from tokenward.lsp.terminals.terminals import Terminals


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a client's session, each in charge of its own state.

    Attributes:
        session: documents, settings, threads.
        loading: the scanner, once the rules are loaded.
        vault: runs operations that may need the keyring.
        delivery: sends diagnostics to the client.
        shown: the findings that the client shows.
        scheduler: schedules the scans of documents.
        open_folders: scans the open folders.
        terminals: the executions in the client's terminals.
        other_shells: commands that run in other terminals.
        tokens: the list of stored tokens.
        guards: watches the settings by which agents are kept from tokens.
        provider_requests: running requests to providers.
        socket: the socket on which commands in terminals ask for approval.
    """

    session: Session
    loading: LoadingScanner
    vault: VaultAccess
    delivery: Delivery
    shown: ShownFindings
    scheduler: ScanScheduler
    open_folders: OpenFolders
    terminals: Terminals
    other_shells: OtherShells
    tokens: TokenList
    guards: GuardWatch
    provider_requests: ProviderRequests
    socket: SocketServer
