"""npm looks up a variable, and pnpm may ask a program; both with the real tool and a registry on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from asking_server import AskingServer
from cli_shell import TOKENWARD, Done, Shell
from credential_checks import assert_no_value_in_files, end_lease, needs, start
from hostile import REFERENCE, TOKEN, ledger
from npm_registry import npm_registry

BEARER = f"Bearer {TOKEN}"


@pytest.fixture
def registry() -> Iterator[AskingServer]:
    with npm_registry(TOKEN) as served:
        yield served


@needs("npm")
def test_npm_gets_the_variable_that_the_fix_leaves(
    owner: Shell, clone: Shell, registry: AskingServer, tmp_path: Path
) -> None:
    file = f"registry={registry.url}/\n//{registry.place}/:_authToken=VALUE\n"
    owner.folder.joinpath(".npmrc").write_text(file.replace("VALUE", TOKEN))
    done = owner("move", ".npmrc")
    assert done.code == 0, done.err
    for folder in (owner.folder, clone.folder):
        folder.joinpath(".npmrc").write_text(file.replace("VALUE", "${GITHUB_TOKEN}"))
        folder.joinpath(".env").write_text(f"GITHUB_TOKEN={REFERENCE}\n")
    install = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=0", "demo"]
    assert start(owner, install).code != 0
    assert BEARER not in registry.sent
    run = [TOKENWARD, "run", "--", *install]
    done = start(owner, run)
    assert done.code == 0, done.err
    assert owner.folder.joinpath("node_modules/demo/package.json").exists()
    sent = registry.sent.count(BEARER)
    assert sent
    elsewhere = start(clone, run)
    end_lease(owner)
    ended = start(owner, run)
    assert registry.sent.count(BEARER) == sent
    assert f"acme-api belongs to {owner.folder}" in elsewhere.err
    assert "has no uses left" in ended.err
    events = [row.event for row in ledger(owner) if row.detail.get("purpose") == "run"]
    assert events == ["resolved", "refused", "refused"]
    assert_no_value_in_files(owner, tmp_path)


@needs("pnpm")
def test_pnpm_gets_the_token_of_its_helper(
    owner: Shell, clone: Shell, registry: AskingServer, tmp_path: Path
) -> None:
    home = Path(owner.environment["HOME"])
    helper = owner.at(home).write_script(
        "bin/acme-npm-token", f"#!/bin/sh\nprintf 'Bearer %s' \"$(tokenward get {REFERENCE})\"\n"
    )
    home.joinpath(".npmrc").write_text(
        f"registry={registry.url}/\n//{registry.place}/:tokenHelper={helper}\n"
    )

    def add(shell: Shell) -> Done:
        shell.folder.joinpath("package.json").write_text('{"name": "a", "version": "1.0.0"}')
        variables = {"PNPM_HOME": str(tmp_path / "pnpm"), "CI": "1", "npm_config_fetch_retries": "0"}
        store = ["--store-dir", str(tmp_path / f"store-{len(registry.sent)}")]
        return start(shell.having(**variables), ["pnpm", "add", *store, "demo"])

    done = add(owner)
    assert done.code == 0, done.text + done.err
    sent = registry.sent.count(BEARER)
    assert sent
    assert_no_value_in_files(owner, tmp_path)
    elsewhere = add(clone)
    end_lease(owner)
    ended = add(owner)
    assert 0 not in (elsewhere.code, ended.code)
    assert registry.sent.count(BEARER) == sent
    events = [row.event for row in ledger(owner) if row.detail.get("purpose") == "get"]
    assert events[0] == "resolved"
    assert events.count("refused") >= 2
