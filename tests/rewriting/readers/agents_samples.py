"""Assistants' files; RUN is what `tokenward run` needs before the command, REF the reference."""

from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

_SERVER = """{
  "SERVERS": {
    "a": {
      "command": "npx",
      "args": ["-y", "server"],
      "ENV": {"A": "T0K"}
    }
  }
}
"""


def _moved(text: str) -> str:
    return text.replace("RUN", '"run", "--no-env-file", "--"').replace("REF", "keyring://acme/API_KEY")


def _sample(reader: str, path: str, text: str, moved: str) -> Sample:
    return Sample(reader, path, text, _moved(moved))


def _usual(reader: str, path: str, servers: str = "mcpServers") -> Sample:
    """Return the sample of a client whose servers are written as most do."""
    text = _SERVER.replace("SERVERS", servers).replace("ENV", "env")
    moved = text.replace("T0K", "REF").replace('"npx"', '"tokenward"').replace('["-y"', '[RUN, "npx", "-y"')
    return _sample(reader, path, text, moved)


def _server(of: str) -> str:
    return f'{{"mcpServers": {{"a": {{{of}}}}}}}'


def _project(of: str) -> str:
    return f'{{"projects": {{"/home/a": {of}}}}}'


SAMPLES = (
    _usual("Claude Code", ".mcp.json"),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server(r'"command": "C:\\My \"tools\"\\a.exe", "env": {"A": "Bearer T0K", "B": ""}'),
        _server(
            r'"command": "tokenward", "args": [RUN, "C:\\My \"tools\"\\a.exe"], '
            r'"env": {"A": "Bearer REF", "B": ""}'
        ),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('\r\n"command": "/opt/a b",\r\n"args":[\r\n"-y"],\r\n"env": {"A": "T0K", "B": "T0K"}'),
        _server(
            '\r\n"command": "tokenward", "args": [RUN, "/opt/a b",\r\n"-y"],\r\n"env": {"A": "REF", "B": "REF"}'
        ),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"args": [ ], "env": {"A": "T0K"}, "type": "stdio", "command": "docker"'),
        _server('"args": [RUN, "docker" ], "env": {"A": "REF"}, "type": "stdio", "command": "tokenward"'),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"command": "/opt/a", "args": [], "env": {"A": "T0K"}'),
        _server('"command": "tokenward", "args": [RUN, "/opt/a"], "env": {"A": "REF"}'),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"command": "/bin/tokenward", "args": ["run", "--", "npx"], "env": {"A": "T0K"}'),
        _server('"command": "/bin/tokenward", "args": ["run", "--", "npx"], "env": {"A": "REF"}'),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"type": "http", "headers": {\n  "Authorization" : "Bearer T0K"\n}'),
        _server(
            r'"type": "http", "headersHelper": "tokenward credential headers \"Authorization: Bearer REF\"", '
            '"headers": {\n  "Authorization" : "Bearer REF"\n}'
        ),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('\r\n  "headers": {"A": "T0K", "B": "b"}\r\n'),
        _server(
            '\r\n  "headersHelper": "tokenward credential headers \\"A: REF\\"",\r\n'
            '  "headers": {"A": "REF", "B": "b"}\r\n'
        ),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server(
            r'"headersHelper": "tokenward credential headers \"A: keyring://x/A\"", "headers": {"B": "Basic T0K"}'
        ),
        _server(
            r'"headersHelper": "tokenward credential headers \"A: keyring://x/A\" \"B: Basic REF\"", '
            '"headers": {"B": "Basic REF"}'
        ),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"headers": {"A": "T0K", "B": "T0K"}'),
        _server('"headers": {"A": "${API_KEY}", "B": "${API_KEY}"}'),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"headersHelper": "a", "headers": {"A": "T0K"}'),
        _server('"headersHelper": "a", "headers": {"A": "${API_KEY}"}'),
    ),
    _sample(
        "Claude Code",
        ".mcp.json",
        _server('"headers": {"A": "$(a) T0K"}'),
        _server('"headers": {"A": "$(a) ${API_KEY}"}'),
    ),
    _sample(
        "Claude Code in all folders",
        ".claude.json",
        _project(_server('"command": "uvx", "args": ["a"], "env": {"A": "T0K"}')),
        _project(_server('"command": "tokenward", "args": [RUN, "uvx", "a"], "env": {"A": "REF"}')),
    ),
    _sample(
        "Claude Code in all folders",
        ".claude.json",
        _server('"url": "https://example.com", "headers": {"X-Key": "T0K"}'),
        _server(
            r'"url": "https://example.com", "headersHelper": "tokenward credential headers \"X-Key: REF\"", '
            '"headers": {"X-Key": "REF"}'
        ),
    ),
    _sample(
        "Claude Code's settings",
        ".claude/settings.json",
        '{\n  "model": "a",\n  "env": {\n    "A": "b",\n    "ANTHROPIC_API_KEY": "T0K"\n  }\n}\n',
        '{\n  "model": "a",\n  "apiKeyHelper": "tokenward credential key REF",\n  "env": {\n    "A": "b",\n'
        '    "//ANTHROPIC_API_KEY": "REF"\n  }\n}\n',
    ),
    _sample(
        "Claude Code's settings",
        ".claude/settings.local.json",
        '{"env": {"ANTHROPIC_AUTH_TOKEN": "T0K"}, "a": {"env": {}}}',
        '{"apiKeyHelper": "tokenward credential key REF", "env": {"//ANTHROPIC_AUTH_TOKEN": "REF"}, "a": {"env": {}}}',
    ),
    _usual("Claude Desktop", "Claude/claude_desktop_config.json"),
    _usual("Cursor", ".cursor/mcp.json"),
    _sample(
        "Cursor",
        ".cursor/mcp.json",
        _server('"url": "https://example.com", "headers": {"X-Key": "T0K"}'),
        _server('"url": "https://example.com", "headers": {"X-Key": "${env:API_KEY}"}'),
    ),
    _usual("VS Code's MCP servers", ".vscode/mcp.json", "servers"),
    _sample(
        "VS Code's MCP servers",
        ".vscode/mcp.json",
        '// {ours}\n{\n  "servers": {"a": {"headers": {"Authorization": "Bearer T0K"}}},\n}',
        '// {ours}\n{"inputs": [{"type": "promptString", "id": "API_KEY", "description": "API_KEY", '
        '"password": true}], \n  "servers": {"a": {"headers": {"Authorization": "Bearer ${input:API_KEY}"}}},\n}',
    ),
    _sample(
        "VS Code's MCP servers",
        ".vscode/mcp.json",
        '{"servers": {"a": {"headers": {"A": "T0K", "B": "T0K"}}}, "inputs": [ {"id": "x"} ]}',
        '{"servers": {"a": {"headers": {"A": "${input:API_KEY}", "B": "${input:API_KEY}"}}}, "inputs": [{"type": '
        '"promptString", "id": "API_KEY", "description": "API_KEY", "password": true},  {"id": "x"} ]}',
    ),
    _usual("VS Code's MCP servers in all folders", "Code/User/mcp.json", "servers"),
    _sample(
        "Codex",
        ".codex/config.toml",
        'model = "a"\n\n[mcp_servers.a]\ncommand = "npx"\nargs = [\n  "-y",\n]\nenv = { A = "T0K", "B" = "" }\n',
        'model = "a"\n\n[mcp_servers.a]\ncommand = "tokenward"\nargs = [RUN, "npx",\n  "-y",\n]\n'
        'env = { A = "REF", "B" = "" }\n',
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        "[mcp_servers.a]\ncommand = '/opt/a' # a\n\n[mcp_servers.a.env]\nA = 'T0K'\n[mcp_servers.b]\ncommand = 'b'\n",
        "[mcp_servers.a]\ncommand = \"tokenward\"\nargs = [RUN, '/opt/a'] # a\n\n[mcp_servers.a.env]\nA = 'REF'\n"
        "[mcp_servers.b]\ncommand = 'b'\n",
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        'mcp_servers.a = { command = "npx", args = ["a"], env = { A = "T0K" } }\n',
        'mcp_servers.a = { command = "tokenward", args = [RUN, "npx", "a"], env = { A = "REF" } }\n',
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        '[mcp_servers.a]\nurl = "https://example.com"\nhttp_headers = { Authorization = "Bearer T0K" }\n',
        '[mcp_servers.a]\nurl = "https://example.com"\nenv_http_headers = { Authorization = "API_KEY" }\n',
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        '[mcp_servers.a.http_headers]\nX = "Bearer T0K"\n',
        '[mcp_servers.a.env_http_headers]\nX = "API_KEY"\n',
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        '[mcp_servers.a]\r\nurl = "https://example.com"\r\n[mcp_servers.a.http_headers]\r\nX-A = "T0K"\r\nB = "b"',
        '[mcp_servers.a]\r\nenv_http_headers.X-A = "API_KEY"\r\nurl = "https://example.com"\r\n'
        '[mcp_servers.a.http_headers]\r\nX-A = "API_KEY"\r\nB = "b"',
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        '[model_providers.a]\nbase_url = ""\nhttp_headers = {A = "T0K", B = "T0K"}\nenv_http_headers = { C = "D" }\n',
        '[model_providers.a]\nbase_url = ""\nhttp_headers = {A = "API_KEY", B = "API_KEY"}\n'
        'env_http_headers = { A = "API_KEY", B = "API_KEY", C = "D" }\n',
    ),
    _sample(
        "Codex",
        ".codex/config.toml",
        '[mcp_servers.a.http_headers]\nA = "T0K"\n[mcp_servers.a.env_http_headers]\nB = "C"\n',
        '[mcp_servers.a.http_headers]\nA = "API_KEY"\n[mcp_servers.a.env_http_headers]\nA = "API_KEY"\nB = "C"\n',
    ),
    _usual("Gemini CLI", ".gemini/settings.json"),
    _sample(
        "Gemini CLI",
        ".gemini/settings.json",
        _server('"httpUrl": "https://example.com?key=T0K"'),
        _server('"httpUrl": "https://example.com?key=${API_KEY}"'),
    ),
    _usual("Qwen Code", ".qwen/settings.json"),
    _usual("Copilot CLI", ".copilot/mcp-config.json"),
    _sample(
        "opencode",
        "opencode.jsonc",
        '{\n  // ours\n  "mcp": {"a": {"type": "local", "command": ["npx", "a"], "environment": {"A": "T0K"}}},\n}\n',
        '{\n  // ours\n  "mcp": {"a": {"type": "local", "command": ["tokenward", RUN, "npx", "a"], '
        '"environment": {"A": "REF"}}},\n}\n',
    ),
    _sample(
        "opencode",
        "opencode.json",
        '{"provider": {"a": {"options": {"apiKey": "T0K"}}}}',
        '{"provider": {"a": {"options": {"apiKey": "{env:API_KEY}"}}}}',
    ),
    _sample(
        "Continue",
        ".continue/config.yaml",
        "mcpServers:\n  - name: a\n    command: npx\n    args:\n      - -y\n      - a\n    env:\n      A: T0K\n",
        'mcpServers:\n  - name: a\n    command: tokenward\n    args:\n      - "run"\n      - "--no-env-file"\n'
        '      - "--"\n      - "npx"\n      - -y\n      - a\n    env:\n      A: REF\n',
    ),
    _sample(
        "Continue",
        ".continue/mcpServers/a.yml",
        "mcpServers:\n- command: bin/a\n  env: {A: 'T0K'}\n",
        "mcpServers:\n- command: \"tokenward\"\n  args: [RUN, bin/a]\n  env: {A: 'REF'}\n",
    ),
    _sample(
        "Goose",
        "goose/config.yaml",
        "extensions:\n  a:\n    cmd: uvx\n    args: [a]\n    envs: {A: 'T0K'}\n",
        "extensions:\n  a:\n    cmd: tokenward\n    args: [RUN, \"uvx\", a]\n    envs: {A: 'REF'}\n",
    ),
    _usual("Windsurf", ".codeium/windsurf/mcp_config.json"),
    _usual("Cline", "settings/cline_mcp_settings.json"),
    _usual("Kiro", ".kiro/settings/mcp.json"),
    _usual("Zed", "zed/settings.json", "context_servers"),
    _sample(
        "Zed",
        ".zed/settings.json",
        '{"context_servers": {"a": {"command": {"path": "npx", "args": [], "env": {"A": "T0K"}}}}}',
        '{"context_servers": {"a": {"command": {"path": "tokenward", "args": [RUN, "npx"], "env": {"A": "REF"}}}}}',
    ),
    _sample(
        "Mistral Vibe",
        ".vibe/config.toml",
        '[[mcp_servers]]\ncommand = "npx"\nargs = ["a"]\nenv = { A = "T0K" }\n\n[[mcp_servers]]\ncommand = "b"\n',
        '[[mcp_servers]]\ncommand = "tokenward"\nargs = [RUN, "npx", "a"]\nenv = { A = "REF" }\n\n'
        '[[mcp_servers]]\ncommand = "b"\n',
    ),
    _usual("MCP clients", ".junie/mcp/mcp.json"),
    Sample(
        "aider",
        ".aider.conf.yml",
        "openai-api-key: T0K\napi-key:\n  - gemini=T0K\n",
        "openai-api-key: keyring://acme/API_KEY\napi-key:\n  - gemini=keyring://acme/API_KEY\n",
    ),
)

REFUSED = (
    Refused("Claude Code", ".mcp.json", _server('"url": "", "env": {"A": "T0K"}'), "which program gets it"),
    Refused(
        "Claude Code",
        ".mcp.json",
        _server('"args": ["a"], "command": "/opt/a", "env": {"A": "T0K"}'),
        "write `args` right after `command`",
    ),
    Refused(
        "Cursor", ".cursor/mcp.json", _server('"command": "npx -y a", "env": {"A": "T0K"}'), "write `args`"
    ),
    Refused(
        "Claude Code in all folders",
        ".claude.json",
        _project('{"allowedTools": ["Bash(curl -H \'Authorization: T0K\')"]}'),
        "delete the entry, and revoke the token",
    ),
    Refused(
        "Claude Code's settings",
        ".claude/settings.local.json",
        '{"permissions": {"allow": ["Bash(curl -H \'Authorization: T0K\')"]}}',
        "delete the entry, and revoke the token",
    ),
    Refused(
        "Claude Code's settings",
        ".claude/settings.json",
        '{"env": {"A": "T0K"}}',
        "each command that the agent runs",
    ),
    *(
        Refused("Claude Code's settings", ".claude/settings.json", text, "each command that the agent runs")
        for text in (
            '{"apiKeyHelper": "a", "env": {"ANTHROPIC_API_KEY": "T0K"}}',
            '{"a": {"env": {"ANTHROPIC_API_KEY": "T0K"}}}',
        )
    ),
    Refused(
        "Claude Desktop",
        "claude_desktop_config.json",
        _server('"args": ["--key", "T0K"]'),
        "server's arguments",
    ),
    Refused(
        "Codex",
        ".codex/config.toml",
        '[mcp_servers.a.http_headers]\nA = "T0K"\nB = "b"\n',
        "this server has no place",
    ),
    Refused(
        "Codex",
        ".codex/config.toml",
        'mcp_servers.a = { url = "", http_headers = { A = "T0K", B = "b" } }\n',
        "this server has no place",
    ),
    Refused(
        "Codex",
        ".codex/config.toml",
        '[shell_environment_policy.set]\nA = "T0K"\n',
        "name a variable instead",
    ),
    Refused(
        "Continue", ".continue/config.yaml", "models:\n  - apiKey: T0K\n", "secrets of your Continue account"
    ),
    Refused(
        "Continue", ".continue/a.yaml", "mcpServers: [{command: a, env: {A: T0K}}]\n", "right after `command`"
    ),
    Refused(
        "Goose", "goose/config.yaml", "extensions:\n  a:\n    headers:\n      A: T0K\n", "`goose configure`"
    ),
    Refused(
        "Zed",
        ".zed/settings.json",
        '{"context_servers": {"a": {"headers": {"A": "T0K"}}}}',
        "Zed expands no variable",
    ),
    Refused(
        "Mistral Vibe", ".vibe/config.toml", '[[mcp_servers]]\nheaders = { A = "T0K" }\n', "`api_key_env"
    ),
)
