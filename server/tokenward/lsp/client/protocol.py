"""pygls's protocol without its copy of the documents, and without values in its error messages.

pygls also splits lines at form feed, U+2028 and others, which corrupts its copy, so its document handlers are
removed and only ours are called.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import os
import sys
from collections.abc import Callable, Generator
from typing import Any, NoReturn, cast

import attrs
from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.io_ import StdoutWriter
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter
from pygls.protocol.language_server import lsp_method

from tokenward import names
from tokenward.lsp.client.messages import InputReader, MessageReader, bodies
from tokenward.presentation.diagnostics import FindingDiagnostic

log = logging.getLogger("tokenward.lsp")


@attrs.define
class RawNotification:
    """A notification of one of our methods, whose parameters are not converted."""

    params: Any = None
    method: str = ""
    jsonrpc: str = "2.0"


@attrs.define
class RawRequest:
    """A request of one of our methods, whose parameters are not converted."""

    id: int | str
    params: Any = None
    method: str = ""
    jsonrpc: str = "2.0"


_OURS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)
# pygls makes a class for each message of an unknown method, which is too slow for terminal output.
_RAW = {
    names.METHOD_TERMINAL_DATA: RawNotification,
    names.METHOD_TERMINAL_END: RawNotification,
    names.METHOD_TRANSCRIPT: RawRequest,
    names.METHOD_PASTE: RawRequest,
    names.METHOD_PASTE_STORE: RawRequest,
    names.METHOD_LAUNCH: RawRequest,
    names.METHOD_TOKENS: RawRequest,
    names.METHOD_TOKENS_REPLACE: RawRequest,
    names.METHOD_REPORT: RawRequest,
}


class Protocol(LanguageServerProtocol):
    """Structures only whole messages, and answers malformed requests and those out of turn."""

    _has_begun = _has_ended = False

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()  # type: ignore[no-untyped-call]
        for method in _OURS:
            del self.fm.builtin_features[method]

    def get_message_type(self, method: str) -> Any:  # type: ignore[override] # pygls has it cached
        """Return the type that parses a message; our own methods have one that keeps its parameters as they are."""
        return _RAW.get(method) or super().get_message_type(method)

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave an object unchanged: this is called for each nested object, which may have a key `jsonrpc`."""
        return data

    def handle_message(self, message: Any) -> None:
        """Handle a message of the client; log a malformed one and, if it is a request, answer it."""
        if not isinstance(message, dict):
            log.warning("a message that is not a JSON object was ignored")
            return
        if (refusal := self._out_of_turn(message.get("method"))) is not None:
            if isinstance(number := message.get("id"), (int, str)):
                self._send_response(number, error=refusal)
            return
        try:
            structured = super().structure_message(message)
        except Exception as error:  # noqa: BLE001 - the next message must be read whatever is wrong with this one
            self._refuse(message, error)
        else:
            if hasattr(structured, "jsonrpc"):
                self._has_begun |= message.get("method") == types.INITIALIZE
                self._has_ended |= message.get("method") == types.SHUTDOWN
                super().handle_message(structured)

    def _out_of_turn(self, method: object) -> types.ResponseError | None:
        """Return why a message is out of turn, as a request or notification can be; None if it is not."""
        if method is None or method == types.EXIT:
            return None
        if self._has_ended:
            refused = types.ErrorCodes.InvalidRequest
            return types.ResponseError(refused, "The session was shut down; send `exit`.")
        if (method == types.INITIALIZE) != self._has_begun:
            return None
        if self._has_begun:
            refused = types.ErrorCodes.InvalidRequest
            return types.ResponseError(refused, "The session is already initialized.")
        return types.ResponseError(types.ErrorCodes.ServerNotInitialized, "Send `initialize` first.")

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Generator[Any, Any, Any]:
        """Call a command with its arguments unchanged; pygls would quote its own code if they are wrong."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams("There is no such command; use the editor's quick fix.")
        try:
            inspect.signature(handler).bind(*(params.arguments or ()))
        except TypeError:
            raise JsonRpcInvalidParams(
                "The command's argument is missing or not the only one; use the editor's quick fix."
            ) from None
        result = yield handler, tuple(params.arguments or ()), None
        return result

    def _send_response(
        self, msg_id: int | str, result: Any | None = None, error: types.ResponseError | None = None
    ) -> None:
        """Answer a request, without pygls's text for unexpected errors, which contains paths and perhaps values."""
        if error is not None and error.code == JsonRpcInternalError.CODE:
            error = types.ResponseError(error.code, "Tokenward failed unexpectedly; see its log.")
        super()._send_response(msg_id, result, error)

    def _refuse(self, message: dict[str, Any], error: Exception) -> None:
        log.warning("a malformed message was refused: %s", type(error).__name__)
        number = message.get("id")
        if not isinstance(number, (int, str)):
            return
        if "method" in message:
            refusal = types.ResponseError(types.ErrorCodes.InvalidParams, "malformed parameters")
            self._send_response(number, error=refusal)
        elif number in self._request_futures:
            # Otherwise the caller would wait forever.
            failure = types.ResponseError(types.ErrorCodes.InternalError, "malformed answer")
            self._handle_response(number, error=failure)


def converter() -> Converter:
    """Return pygls's converter, which converts what diagnostics share only once."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]
    whole = made.get_unstructure_hook(types.Diagnostic)

    def converted(shown: types.Diagnostic) -> dict[str, Any]:
        if not isinstance(shown, FindingDiagnostic):
            return cast("dict[str, Any]", whole(shown))
        if shown.sent.get("message") != shown.message:
            if not shown.form:
                shown.form.update(whole(shown))
            shown.sent = {**shown.form, "range": made.unstructure(shown.range), "message": shown.message}
        return shown.sent

    made.register_unstructure_hook(types.Diagnostic, converted)
    return made


class TokenwardServer(LanguageServer):
    """A pygls server that reports only the type of an unexpected error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.endings: list[Callable[[], None]] = []
        """Called to end threads and processes once the client has disconnected, with or without a `shutdown`."""

    def shutdown(self) -> None:
        """End with the connection, at once."""
        for ending in self.endings:
            ending()
        super().shutdown()  # type: ignore[no-untyped-call]

    def abandon(self) -> NoReturn:
        """Exit at once, because the thread that reads from a pipe without a client would wait forever."""
        for ending in self.endings:
            ending()
        os._exit(1)

    def serve_input(self) -> None:
        """Serve the client at the other end of stdin and stdout."""
        reader = InputReader(sys.stdin.buffer, self.thread_pool)
        self.protocol.set_writer(StdoutWriter(sys.stdout.buffer))
        try:
            asyncio.run(self._serve(reader))
        finally:
            self.shutdown()

    async def serve_one(self, host: str, port: int) -> None:
        """Serve only the first client that connects; another would get the first one's messages."""
        first: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        first = asyncio.get_running_loop().create_future()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if first.done():
                writer.close()
            else:
                first.set_result((reader, writer))

        listener = await asyncio.start_server(connected, host, port)
        reader, writer = await first
        listener.close()
        self.protocol.set_writer(writer)
        try:
            await self._serve(reader)
        finally:
            writer.close()
            self.shutdown()

    async def _serve(self, reader: MessageReader) -> None:
        async for body in bodies(reader):
            try:
                self.protocol.handle_message(json.loads(body))
            except BrokenPipeError:
                return
            except Exception as error:  # noqa: BLE001 - the next message must be read whatever came
                self.report_server_error(error, JsonRpcException)

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Log an error that no handler caught, without its text, which may quote the client's message."""
        # The protocol's other errors, such as an unknown method, concern only the client.
        if isinstance(error, JsonRpcException) and not isinstance(error, JsonRpcInternalError):
            return
        log.error("unexpected %s in %s", type(error).__name__, source.__name__)
