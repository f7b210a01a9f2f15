"""The Credential Manager through our vault's process: long values in parts, on this machine alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tokens
from tokenward.errors import NameTaken
from tokenward.model import Reference, Secret
from tokenward.vault.vault import VaultConfig
from tokenward.vault.worker import VaultWorker
from windows_shell import Shell, credentials

LIMIT = 1280
LOCAL_MACHINE = 2
VALUES = {
    "token": tokens.github(),
    "the longest whole one": "x" * LIMIT,
    "one more": "x" * (LIMIT + 1),
    "key": tokens.private_key(),
    "twenty thousand": "0123456789" * 2000,
    "a pair on the border": "x" * (LIMIT - 1) + "\U0001f511" * 700,
    "unicode": "Ünïcödé \U0001f511 \u202e\ufeff end",
    "newlines": "a\r\nb\nc\rd\n",
    "a manifest": "tokenward-parts:2:" + "0" * 64,
}


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[VaultWorker]:
    made = VaultWorker(VaultConfig("keyring", tmp_path / "lock"))
    yield made
    made.close()


def entries(reference: Reference) -> list[dict[str, Any]]:
    return [one for one in credentials() if str(one["TargetName"]).startswith(reference.service)]


def test_every_value_comes_back_whole_and_leaves_nothing(vault: VaultWorker, tmp_path: Path) -> None:
    for number, value in enumerate(VALUES.values()):
        reference = Reference(f"vault-{tmp_path.name}".lower(), f"TOKEN_{number}")
        assert vault.put(reference, Secret(value))
        found = vault.get(reference)
        assert found is not None
        assert found.reveal() == value
        is_whole = len(value) <= LIMIT and not value.startswith("tokenward-parts")
        assert (len(entries(reference)) == 1) is is_whole
        assert {one["Persist"] for one in entries(reference)} == {LOCAL_MACHINE}
        assert vault.delete(reference)
        assert entries(reference) == []
        assert vault.get(reference) is None


def test_a_name_is_not_overwritten(vault: VaultWorker, tmp_path: Path) -> None:
    reference = Reference(f"vault-{tmp_path.name}".lower(), "TAKEN")
    vault.put(reference, Secret("x" * 3000))
    with pytest.raises(NameTaken):
        vault.put(reference, Secret("other"))
    vault.replace(reference, Secret("short"))
    assert len(entries(reference)) == 1
    vault.delete(reference)


def test_the_verbs_keep_a_long_value(shell: Shell) -> None:
    value = "0123456789abcdef" * 500
    shell.put("LONG", value)
    assert shell("get", "LONG").text == f"{value}\n"
    assert "LONG" in shell("list").text
    assert shell("rm", "LONG", "--yes").code == 0
    assert [one for one in credentials() if shell.name in str(one["TargetName"])] == []
