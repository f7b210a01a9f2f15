from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_backends import Crashing
from tokenward.errors import VaultDamaged
from tokenward.model import Secret
from tokenward.vault.os_keyring import OsKeyringVault, fits, parse_manifest, split
from vault_calls import reference

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
LONG, LIMIT = "x" * 350, 100


@given(TEXTS.filter(bool), st.integers(2, 40))
def test_parts_join_to_the_value_and_each_fits(value: str, limit: int) -> None:
    manifest, parts = split(value, limit)
    assert parse_manifest(str(manifest)) == manifest
    assert manifest.join(parts) == value
    assert all(parts)
    assert all(len(part.encode("utf-16-le")) <= 2 * limit for part in parts)


@given(TEXTS, st.integers(2, 40))
def test_a_value_that_fits_is_never_taken_for_a_manifest(value: str, limit: int) -> None:
    assert not fits(value, limit) or parse_manifest(value) is None


@given(st.lists(TEXTS.filter(bool), min_size=2, unique=True), st.data())
def test_other_parts_do_not_join(parts: list[str], data: st.DataObject) -> None:
    value = "".join(parts)
    manifest, parts = split(value, 3)
    other = data.draw(st.permutations(parts) | st.just(parts[:-1]) | st.just([*parts, "x"]))
    if "".join(other) == value and len(other) == len(parts):
        return
    with pytest.raises(ValueError, match="manifest"):
        manifest.join(other)


@pytest.mark.parametrize(
    "tail", ["", "0:" + "0" * 64, "2:" + "0" * 63, "2:" + "0" * 65, "9999999:" + "0" * 64]
)
def test_what_only_begins_like_a_manifest_is_no_value(tail: str) -> None:
    backend = Crashing()
    backend.entries[reference().service] = "tokenward-parts:" + tail
    with pytest.raises(VaultDamaged, match="tokenward rm TOKEN"):
        OsKeyringVault(backend, LIMIT).get(reference())


def test_a_lost_part_is_noticed() -> None:
    backend = Crashing()
    vault = OsKeyringVault(backend, LIMIT)
    vault.put(reference(), Secret(LONG))
    del backend.entries[reference().service + "/2"]
    with pytest.raises(VaultDamaged):
        vault.get(reference())


@pytest.mark.parametrize("value", [LONG, "short"])
def test_a_crash_at_any_step_of_storing_leaves_nothing_or_the_whole(value: str) -> None:
    steps = _steps_of_storing(value)
    assert steps >= 3
    for crash in range(steps):
        backend = Crashing()
        _crashed(lambda vault: vault.put(reference(), Secret(value)), backend, crash)
        vault = OsKeyringVault(backend, LIMIT)
        assert vault.get(reference()) in (None, Secret(value))
        vault.put(reference(), Secret(value))
        assert vault.get(reference()) == Secret(value)
        vault.delete(reference())
        assert not backend.entries


def test_a_crash_at_any_step_of_deleting_leaves_nothing_or_the_whole() -> None:
    for crash in range(40):
        backend = Crashing()
        OsKeyringVault(backend, LIMIT).put(reference(), Secret(LONG))
        _crashed(lambda vault: vault.delete(reference()), backend, crash)
        vault = OsKeyringVault(backend, LIMIT)
        assert vault.get(reference()) in (None, Secret(LONG))
        vault.delete(reference())
        assert not backend.entries


def test_a_shorter_value_leaves_no_part_of_an_interrupted_one() -> None:
    backend = Crashing()
    _crashed(lambda vault: vault.put(reference(), Secret(LONG)), backend, crash=6)
    assert backend.entries
    OsKeyringVault(backend, LIMIT).put(reference(), Secret("short"))
    assert list(backend.entries.values()) == ["short"]


def _steps_of_storing(value: str) -> int:
    backend = Crashing()
    OsKeyringVault(backend, LIMIT).put(reference(), Secret(value))
    return backend.calls


def _crashed(action: Callable[[OsKeyringVault], object], backend: Crashing, crash: int) -> None:
    """Act on the backend, whose process dies before its n-th call, if the action gets that far."""
    backend.crash_after(crash)
    try:
        action(OsKeyringVault(backend, LIMIT))
    except KeyboardInterrupt:
        pass
    finally:
        backend.crash_after(None)
