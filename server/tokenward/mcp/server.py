"""`tokenward mcp`: an MCP server on stdio, by which an AI agent uses tokens without reading them."""

from __future__ import annotations

from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

from tokenward import __version__
from tokenward.mcp.tools import Tools

INSTRUCTIONS = (
    "Tokens of this workspace are in the OS keyring. Files refer to them as keyring://WORKSPACE/NAME, and code reads "
    "the environment variable NAME. Never ask the user to paste a token into the chat: use request_token. Run programs "
    "that need tokens with run_command, or ask the user to start them with `tokenward run`."
)


def mcp_server(folder: Path) -> MCPServer:
    """Return the server for a workspace folder, which must be absolute and without links."""
    tools = Tools(folder)
    server = MCPServer(
        "tokenward", title="Tokenward", version=__version__, instructions=INSTRUCTIONS, log_level="ERROR"
    )
    reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    adds = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
    runs = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True)
    for tool, hints in (
        (tools.list_tokens, reads),
        (tools.request_token, adds),
        (tools.run_command, runs),
        (tools.scan, reads),
        (tools.explain, reads),
    ):
        server.add_tool(tool, annotations=hints)
    return server


def serve(folder: Path) -> None:
    """Serve one client on stdio, until it closes the stream."""
    mcp_server(folder).run("stdio")
