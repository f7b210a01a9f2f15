from __future__ import annotations

from rewriting.readers.samples import Sample

SAMPLES = (
    Sample("tokenward run", ".env", "A=T0K\n", "A=keyring://acme/API_KEY\n"),
    Sample("tokenward run", "packages/api/.env.local", "A='T0K'\n", "A='keyring://acme/API_KEY'\n"),
    Sample(
        "VS Code's launch configurations",
        ".vscode/launch.json",
        '{"configurations": [{"env": {"A": "T0K"}, "args": ["T0K"]}]}',
        '{"configurations": [{"env": {"A": "keyring://acme/API_KEY"}, "args": ["${env:API_KEY}"]}]}',
    ),
)
