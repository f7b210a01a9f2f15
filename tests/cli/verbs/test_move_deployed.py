"""`tokenward move` leaves no reference where a cloud, or a program that looks up nothing, would take it as text."""

from __future__ import annotations

from pathlib import Path

import pytest

import git_tree
import tokens
from cli_shell import Shell

KEY = tokens.random_text("deployed", 40)
STAYS = {
    "firebase": (
        {
            "firebase.json": '{"functions": {"source": "functions"}}\n',
            "functions/package.json": '{"dependencies": {"firebase-functions": "6"}}\n',
            "functions/.env": f"API_SECRET={KEY}\n",
            "functions/index.js": "const { onRequest } = require('firebase-functions/v2/https');\n"
            f"const token = '{tokens.github(1)}';\nexports.a = onRequest(() => token);\n",
            "functions/lib/client.ts": f"export const token = '{tokens.github(2)}';\n",
        },
        "firebase functions:secrets:set NAME",
    ),
    "supabase": (
        {
            "supabase/config.toml": 'project_id = "web"\n',
            "supabase/functions/.env": f"API_SECRET={KEY}\n",
            "supabase/functions/hook/index.ts": 'import { serve } from "https://deno.land/std/http/server.ts";\n'
            f'const token = "{tokens.github(1)}";\nserve(() => new Response(token));\n',
        },
        "supabase secrets set NAME",
    ),
    "vercel": (
        {
            "vercel.json": '{"build": {"env": {"API_SECRET": "%s"}}}\n' % KEY,  # noqa: UP031
        },
        "vercel env add NAME",
    ),
    "no build": ({"config/application.yml": f"pusher_secret: {KEY}\n"}, "No known program reads this file"),
    "rails without figaro": (
        {
            "Gemfile": 'gem "rails"\n',
            "config/application.yml": f"pusher_secret: {KEY}\n",
        },
        "No known program reads this file",
    ),
    "vite without a page": (
        {
            "package.json": '{"scripts": {"dev": "vite", "build": "vite build"}, "devDependencies": {"vite": "6"}}\n',
            "vite.config.ts": "export default {};\n",
            "src/map.ts": f'export const key = "{tokens.github(1)}";\n',
        },
        "keep the token on a server",
    ),
}
MOVES = {
    "functions of one's own": {
        "functions/.env": f"API_SECRET={KEY}\n",
        "functions/index.js": f"const token = '{tokens.github(1)}';\n",
    },
    "beside firebase": {
        "firebase.json": "{}\n",
        ".env": f"API_SECRET={KEY}\n",
        "tools/a.py": f'import os\n\ntoken = "{tokens.github(1)}"\n',
    },
    "figaro": {
        "Gemfile": 'gem "figaro"\n',
        "config/application.yml": f"pusher_secret: {KEY}\n",
    },
    "spring": {
        "pom.xml": "<project/>\n",
        "src/main/resources/application.yml": f"pusher:\n  secret: {KEY}\n",
    },
    "gradle": {
        "build.gradle.kts": "plugins { }\n",
        "config/application.yml": f"pusher_secret: {KEY}\n",
    },
    "vite's own tool": {
        "package.json": '{"scripts": {"dev": "vite"}, "devDependencies": {"vite": "6", "express": "5"}}\n',
        "vite.config.ts": "export default {};\n",
        "src/map.ts": f'export const key = "{tokens.github(1)}";\n',
    },
}


def plant(shell: Shell, files: dict[str, str]) -> None:
    git_tree.repository(shell.folder)
    for name, text in files.items():
        path = shell.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def contents(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in paths}


@pytest.mark.parametrize("project", STAYS)
def test_a_token_stays_and_one_sentence_says_where_it_belongs(shell: Shell, project: str) -> None:
    files, why = STAYS[project]
    plant(shell, files)
    holding = [name for name, text in files.items() if KEY in text or "gh" + "p_" in text]
    for name in holding:
        done = shell("move", name)
        assert done.code == 2, done.err
        assert why in done.err
    assert contents(shell.folder) == files


@pytest.mark.parametrize("project", MOVES)
def test_what_a_program_here_looks_up_moves_and_comes_back(shell: Shell, project: str) -> None:
    files = MOVES[project]
    plant(shell, files)
    done = shell("move", ".", "--yes")
    assert done.code == 0, done.err
    moved = "".join(contents(shell.folder).values())
    assert KEY not in moved
    assert "gh" + "p_" not in moved
    if project == "figaro":
        assert "<%= ENV.fetch(" in moved
    done = shell("leave", "--yes")
    assert done.code == 0, done.err
    assert contents(shell.folder) == files


def test_a_move_out_of_a_script_adds_no_line_to_a_file_that_is_deployed(shell: Shell) -> None:
    script = f'#!/bin/sh\nexport GITHUB_TOKEN="{tokens.github(1)}"\n'
    files = {"firebase.json": "{}\n", "functions/.env": "REGION=eu\n", "functions/deploy.sh": script}
    plant(shell, files)
    done = shell("move", "functions/deploy.sh")
    assert done.code == 2
    assert "firebase functions:secrets:set NAME" in done.err
    assert contents(shell.folder) == files
