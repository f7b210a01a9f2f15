"""Every module loads on Windows, except those that only Linux or POSIX has; what is left out there says so."""

from __future__ import annotations

import importlib
import pkgutil

import tokenward
from windows_shell import Shell

POSIX_ONLY = {
    "tokenward.cli.daemon": "a daemon is forked",
    "tokenward.operations.terminal.posix_command": "has terminals of its own",
    "tokenward.operations.terminal.relay": "waits for descriptors",
    "tokenward.sources.stream.child_process": "opens terminals",
    "tokenward.sources.watch.watchdog_linux": "inotify is of Linux",
    "tokenward.vault.secret_service": "the Secret Service is Linux's",
}


def test_every_other_module_loads() -> None:
    failed = {}
    for module in pkgutil.walk_packages(tokenward.__path__, "tokenward."):
        if module.name.endswith("__main__") or module.name.startswith(tuple(POSIX_ONLY)):
            continue
        try:
            importlib.import_module(module.name)
        except Exception as error:  # noqa: BLE001 - all are listed
            failed[module.name] = repr(error)
    assert failed == {}


def test_a_verb_of_other_systems_says_so(shell: Shell) -> None:
    done = shell("shell")
    assert done.code != 0
    assert "Windows" in done.err, done.err
