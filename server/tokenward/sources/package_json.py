"""Reads the package.json of a project, which may be hostile: its dependencies, and whether its code is bundled."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.setting_files import read_own_file

PACKAGE = "package.json"
_LARGEST = 1_000_000
MOST_FOLDERS = 16
"""The most folders, from that of a file upwards, that are searched for its package."""
_CLIENTS = {
    "@angular/core", "@capacitor/core", "@vue/cli-service", "expo", "react-native", "react-scripts", "svelte",
}  # fmt: skip
_SERVERS = {
    "@angular/ssr", "@apollo/server", "@hapi/hapi", "@nestjs/core", "@prisma/client", "@react-router/node",
    "@remix-run/node", "@solidjs/start", "@sveltejs/kit", "@trpc/server", "apollo-server", "astro", "electron",
    "express", "fastify", "firebase-functions", "gatsby", "hono", "koa", "mongoose", "mysql2", "next", "nuxt", "pg",
    "polka", "restify", "sequelize", "socket.io", "typeorm",
}  # fmt: skip
"""Packages of programs on a server, whose code may be beside that for browsers."""
_BUNDLED = re.compile(
    r"(?:src|app|components|contexts?|features|helpers|hooks|lib|navigation|pages|providers|screens|services|stores?"
    r"|utils|views)/.+|(?:app|index|main)\.\w+",
    re.IGNORECASE,
)
_NOT_BUNDLED = re.compile(
    r"(?:.*/)?(?:(?:__tests__|__mocks__|backend|bin|e2e|functions|mocks|scripts|server|tests?|tools)/.*"
    r"|[^/]*(?:\.(?:config|node|server|spec|stories|test)\.|\+api\.)[^/]*)",
    re.IGNORECASE,
)


_SERVES = re.compile(r"vite(?:[ ]+(?:dev|serve|preview|--[\w =.-]{1,80}))?")
_CODE = ("ts", "js", "mts", "mjs", "cts", "cjs")


def read_package(folder: Path) -> dict[str, object]:
    """Return the content of a folder's package.json; empty if it has none that can be read."""
    with suppress(OSError, SettingsError, ValueError, RecursionError):
        package = json.loads(read_own_file(folder / PACKAGE, _LARGEST))
        if isinstance(package, dict):
            return package
    return {}


def dependencies(folder: Path) -> frozenset[str]:
    """Return the names of the packages that a folder's package.json needs."""
    package = read_package(folder)
    tables = (package.get(key) for key in ("dependencies", "devDependencies"))
    return frozenset(name for table in tables if isinstance(table, dict) for name in table)


def _has_page(folder: Path) -> bool:
    """Return whether Vite serves a page of a folder: its own, or one that its configuration makes."""
    scripts = read_package(folder).get("scripts")
    commands = scripts.values() if isinstance(scripts, dict) else ()
    return (folder / "index.html").is_file() or (
        any(_SERVES.fullmatch(str(one)) for one in commands)
        and any((folder / f"vite.config.{ending}").is_file() for ending in _CODE)
    )


def is_bundled(file: Path) -> bool:
    """Return whether the nearest package with dependencies bundles a file of code for a browser or an app."""
    for folder in islice(file.parents, MOST_FOLDERS):
        if needed := dependencies(folder):
            path = file.relative_to(folder).as_posix()
            has_client = needed & _CLIENTS or ("vite" in needed and _has_page(folder))
            is_inside = _BUNDLED.fullmatch(path) and not _NOT_BUNDLED.fullmatch(path)
            return bool(has_client and is_inside and not needed & _SERVERS)
        if os.path.lexists(folder / ".git"):
            break
    return False
