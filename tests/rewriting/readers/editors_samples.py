"""Editors' files; RUN is what `tokenward run` needs before the command, REF the reference."""

from __future__ import annotations

from rewriting.readers.samples import Refused, Sample


def _sample(reader: str, path: str, text: str, moved: str) -> Sample:
    moved = moved.replace("RUN", '"run", "--no-env-file", "--"').replace("REF", "keyring://acme/API_KEY")
    return Sample(reader, path, text, moved)


SAMPLES = (
    _sample(
        "DBeaver",
        "General/.dbeaver/data-sources.json",
        '{"connections": {"pg-1": {"configuration": {"url": "jdbc:postgresql://h/db?key=T0K"}}}}',
        '{"connections": {"pg-1": {"configuration": {"url": "jdbc:postgresql://h/db?key=${API_KEY}"}}}}',
    ),
    _sample(
        "VS Code's settings",
        ".vscode/settings.json",
        '{\n  // ours\n  "terminal.integrated.env.linux": { "A": "T0K" },\n}\n',
        '{\n  // ours\n  "terminal.integrated.env.linux": { "A": "REF" },\n}\n',
    ),
    _sample(
        "VS Code's settings",
        ".vscode/settings.json",
        '{"mcp": {"servers": {"a": {"command": "npx", "args": ["a"], "env": {"A": "T0K"}}}}}',
        '{"mcp": {"servers": {"a": {"command": "tokenward", "args": [RUN, "npx", "a"], "env": {"A": "REF"}}}}}',
    ),
    _sample(
        "VS Code's settings for all folders",
        "Code/User/settings.json",
        '{"terminal.integrated.env.osx": {"A": "T0K"}}',
        '{"terminal.integrated.env.osx": {"A": "REF"}}',
    ),
    _sample(
        "VS Code's workspace files",
        "a.code-workspace",
        '{"settings": {"terminal.integrated.env.windows": {"A": "T0K"}}}',
        '{"settings": {"terminal.integrated.env.windows": {"A": "REF"}}}',
    ),
    _sample(
        "VS Code's workspace files",
        "a.code-workspace",
        '{"launch": {"configurations": [{"type": "node", "env": {"A": "T0K"}}]}}',
        '{"launch": {"configurations": [{"type": "node", "env": {"A": "REF"}}]}}',
    ),
    _sample(
        "VS Code's tasks",
        ".vscode/tasks.json",
        '{"tasks": [{"type": "process", "command": "npm", "args": ["start"], "options": {"env": {"A": "T0K"}}}]}',
        '{"tasks": [{"type": "process", "command": "tokenward", "args": [RUN, "npm", "start"], '
        '"options": {"env": {"A": "REF"}}}]}',
    ),
    _sample(
        "VS Code's tasks",
        ".vscode/tasks.json",
        '{"tasks": [{"command": "deploy", "options": {"env": {"A": "T0K"}}}]}',
        '{"tasks": [{"command": "tokenward", "args": [RUN, "deploy"], "options": {"env": {"A": "REF"}}}]}',
    ),
    _sample(
        "VS Code's tasks",
        ".vscode/tasks.json",
        '{"tasks": [{"type": "shell", "command": "a && b", "options": {"env": {"A": "T0K"}}}]}',
        '{"tasks": [{"type": "shell", "command": "tokenward", "args": [RUN, "sh", "-c", "a && b"], '
        '"options": {"env": {"A": "REF"}}}]}',
    ),
    Sample(
        "REST Client",
        "api.http",
        "@key = T0K\n### all\nGET https://example.com\nAuthorization: Bearer T0K\n",
        "@key = {{$processEnv API_KEY}}\n### all\nGET https://example.com\n"
        "Authorization: Bearer {{$processEnv API_KEY}}\n",
    ),
    _sample(
        "VS Code's tasks",
        ".vscode/tasks.json",
        '{"tasks": [{"type": "process", "command": "curl", "args": ["-H", "X-Key: T0K"]}]}',
        '{"tasks": [{"type": "process", "command": "curl", "args": ["-H", "X-Key: ${env:API_KEY}"]}]}',
    ),
)

REFUSED = (
    Refused("HTTP clients", "api/login.bru", "headers {\n  A: T0K\n}\n", "take .env literally"),
    Refused(
        "VS Code's settings", ".vscode/settings.json", '{"a.apiKey": "T0K"}', "Settings have no variables"
    ),
    Refused(
        "VS Code's tasks",
        ".vscode/tasks.json",
        '{"tasks": [{"type": "shell", "command": "a b", "args": ["c"], "options": {"env": {"A": "T0K"}}}]}',
        "A shell reads this task's command",
    ),
    Refused(
        "HTTP clients",
        "api.http",
        "### all\nGET https://example.com\nAuthorization: T0K\n> {% client.log() %}\n",
        "{{$processEnv NAME}}",
    ),
    Refused(
        "JetBrains data sources",
        ".idea/dataSources.xml",
        "<jdbc-url>jdbc:postgresql://h/db?user=u&amp;key=T0K</jdbc-url>\n",
        "the system's keyring",
    ),
    Refused("DBeaver", ".dbeaver/data-sources.json", '{"folders": {"a": "T0K"}}', "settings of a connection"),
    Refused(
        "JetBrains IDEs", ".idea/workspace.xml", '<env name="A" value="T0K" />\n', "The IDE takes this text"
    ),
)
