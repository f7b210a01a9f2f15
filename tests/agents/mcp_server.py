"""An MCP server with one tool, which returns the content of a file."""

import json
import sys
from pathlib import Path

TOOL = {
    "name": "look",
    "description": "Look",
    "inputSchema": {"type": "object", "properties": {"words": {"type": "string"}}},
}

for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    answers = {
        "initialize": {
            "protocolVersion": request.get("params", {}).get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "look", "version": "1"},
        },
        "tools/list": {"tools": [TOOL]},
        "tools/call": {"content": [{"type": "text", "text": Path(sys.argv[1]).read_text()}]},
    }
    answer = answers.get(request["method"], {})
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": answer}), flush=True)
