from __future__ import annotations

from rewriting.readers.samples import Refused, Sample

SAMPLES = (
    Sample("tokenward run", ".env", "A=T0K\n", "A=keyring://acme/API_KEY\n"),
    Sample("tokenward run", "packages/api/.env.local", "A='T0K'\n", "A='keyring://acme/API_KEY'\n"),
    Sample(
        "Docker Compose's env_file",
        "worker.env",
        "B=${B}\nA='T0K'\n",
        "B=${B}\nA=${API_KEY}\n",
    ),
    Sample("R at its start", ".Renviron", "# R\nA=T0K\nB=x-T0K\n", "# R\nA=${API_KEY}\nB=x-${API_KEY}\n"),
    Sample(
        "VS Code's launch configurations",
        ".vscode/launch.json",
        '{"configurations": [{"env": {"A": "T0K"}, "args": ["--key=T0K"], "url": "T0K"}]}',
        '{"configurations": [{"env": {"A": "keyring://acme/API_KEY"}, "args": ["--key=keyring://acme/API_KEY"], '
        '"url": "${env:API_KEY}"}]}',
    ),
    Sample(
        "VS Code's launch configurations",
        ".vscode/launch.json",
        '{"configurations": [{"type": "cppdbg", "environment": [{"name": "A", "value": "T0K"}]}]}',
        '{"configurations": [{"type": "cppdbg", "environment": [{"name": "A", "value": "keyring://acme/API_KEY"}]}]}',
    ),
)

REFUSED = (
    Refused("Flutter's assets", "assets/.env", "A=T0K\n", "users can read this file", bundled=True),
    *(
        Refused(
            "Firebase's variables",
            name,
            "A=T0K\n",
            "firebase functions:secrets:set NAME",
            builds={"firebase.json": "{}"},
        )
        for name in ("functions/.env", "functions/.env.production", "functions/.env.local")
    ),
    Refused("Supabase's variables", "supabase/functions/.env", "A=T0K\n", "supabase secrets set NAME"),
    Refused("Supabase's variables", "supabase/functions/.env.local", "A=T0K\n", "supabase secrets set NAME"),
    Refused("tokenward run", "apps/web/.env", "VITE_KEY=T0K\n", "code for browsers"),
)
