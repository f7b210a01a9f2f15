"""Nobody can override the administrator's policy or provide one in the administrator's place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tokens
from tokenward import places as places_module
from tokenward.places import Places
from tokenward.settings import Settings, load_settings
from unprivileged import NOBODY

IS_ROOT = os.name != "nt" and os.geteuid() == 0
as_root = pytest.mark.skipif(
    not IS_ROOT, reason="only the superuser can write a file that is the superuser's"
)
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX owners and modes")
FORBID = "allow-repository-ignores = false\n"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for name in ("config", "etc"):
        (tmp_path / name).mkdir(mode=0o755)
    return Places(
        tmp_path / "config", tmp_path / "data", tmp_path / "cache", tmp_path / "etc" / "policy.toml"
    )


@pytest.fixture
def policy(places: Places) -> Path:
    assert places.policy_file is not None
    return places.policy_file


def test_without_a_policy_nothing_is_forbidden(places: Places) -> None:
    assert load_settings(places, None) == (Settings(), ())


@as_root
def test_a_policy_wins_over_the_user_and_the_editor_and_says_so(places: Places, policy: Path) -> None:
    policy.write_text('allow-repository-ignores = false\nvault = "keyring"\nallowed-backends = []\n')
    places.settings_file.write_text('allow-repository-ignores = true\nallowed-backends = ["mine"]\n')
    settings, problems = load_settings(places, None, {"vault": "file"})
    assert settings == Settings(allow_repository_ignores=False, vault="keyring")
    assert [problem.key for problem in problems] == ["allow-repository-ignores", "allowed-backends", "vault"]
    assert all(f"because {policy} sets it" in problem.sentence for problem in problems)
    assert problems[0].path == str(places.settings_file)


@as_root
def test_what_agrees_with_the_policy_is_no_problem(places: Places, policy: Path) -> None:
    policy.write_text(FORBID)
    places.settings_file.write_text(FORBID)
    assert load_settings(places, None) == (Settings(allow_repository_ignores=False), ())


@as_root
def test_a_policy_sets_each_field_that_is_the_administrators(places: Places, policy: Path) -> None:
    policy.write_text(
        'allow-repository-ignores = false\nvault = "file"\nallowed-backends = ["a.b"]\nrule-files = ["/r.yml"]\n'
    )
    expected = Settings(
        allow_repository_ignores=False,
        vault="file",
        allowed_backends=("a.b",),
        rule_files=(Path("/r.yml"),),
    )
    assert load_settings(places, None) == (expected, ())


OTHERS = {
    "enabled": "false",
    "scan-workspace": "false",
    "exclude": '["*"]',
    "include": '["*"]',
    "trusted-folders": '["/"]',
    "generic-tokens": '"off"',
    "vault-file": '"/v"',
    "env-file": '"a.env"',
    "workspace-name": '"acme"',
    "max-file-bytes": "1",
    "max-document-bytes": "1",
    "follow-symlinks": "true",
    "log-level": '"debug"',
    "keyring-timeout": "1",
}


@as_root
@pytest.mark.parametrize("key", OTHERS)
def test_a_policy_sets_nothing_else(places: Places, policy: Path, key: str) -> None:
    policy.write_text(f"{key} = {OTHERS[key]}\n")
    settings, [problem] = load_settings(places, None)
    assert settings == Settings()
    assert problem.sentence.startswith(f"{policy}: `{key}` has no effect here")


@as_root
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("allow-repository-ignores = \n", "not valid TOML at line 1"),
        ("vault = 'none'\n", "`vault` has no effect"),
    ],
)
def test_a_bad_policy_is_named(places: Places, policy: Path, content: str, expected: str) -> None:
    policy.write_text(content)
    settings, [problem] = load_settings(places, None)
    assert settings == Settings()
    assert expected in problem.sentence
    assert problem.sentence.startswith(str(policy))


def refused(places: Places) -> None:
    settings, [problem] = load_settings(places, None)
    assert settings == Settings()
    assert "others than the administrator could have written it" in problem.sentence


@posix
def test_a_policy_that_is_a_users_is_not_heeded(places: Places, policy: Path) -> None:
    policy.write_text(FORBID)
    if IS_ROOT:
        os.chown(policy, NOBODY, 0)
    refused(places)


@as_root
@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_a_policy_that_others_may_write_is_not_heeded(places: Places, policy: Path, mode: int) -> None:
    policy.write_text(FORBID)
    policy.chmod(mode)
    refused(places)


@as_root
@pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777])
def test_a_policy_that_others_may_replace_is_not_heeded(places: Places, policy: Path, mode: int) -> None:
    policy.write_text(FORBID)
    policy.parent.chmod(mode)
    refused(places)


@as_root
def test_a_policy_in_a_users_folder_is_not_heeded(places: Places, policy: Path) -> None:
    policy.write_text(FORBID)
    os.chown(policy.parent, NOBODY, 0)
    refused(places)


@as_root
def test_a_link_to_a_policy_is_as_good_as_where_it_leads(
    places: Places, policy: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir(mode=0o755)
    (store / "policy.toml").write_text(FORBID)
    policy.symlink_to(store / "policy.toml")
    assert load_settings(places, None) == (Settings(allow_repository_ignores=False), ())
    store.chmod(0o777)
    refused(places)


@posix
def test_a_fifo_in_the_place_of_the_policy_makes_nobody_wait(places: Places, policy: Path) -> None:
    os.mkfifo(policy)
    _, [problem] = load_settings(places, None)
    assert "not a regular file" in problem.sentence


@as_root
def test_a_token_that_went_astray_into_the_policy_is_not_repeated(places: Places, policy: Path) -> None:
    token = tokens.github()
    policy.write_text(f'vault = "{token}"\n{token} = 1\n')
    _, problems = load_settings(places, None)
    assert len(problems) == 2
    assert token not in repr(problems)


def place_of_policy(**environment: str) -> Path:
    code = "from tokenward.places import Places; print(Places.of_user().policy_file)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def test_the_policy_has_a_place_that_no_user_can_move(tmp_path: Path) -> None:
    home = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_CONFIG_DIRS": str(tmp_path / "none"),
    }
    place = place_of_policy(**home)
    assert place.name == "policy.toml"
    assert place.is_absolute()
    assert not place.is_relative_to(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="XDG_CONFIG_DIRS is of POSIX systems")
def test_a_system_may_have_its_policy_elsewhere(tmp_path: Path) -> None:
    policy = tmp_path / "second" / "tokenward" / "policy.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text(FORBID)
    dirs = os.pathsep.join(["", "relative", str(tmp_path / "first"), str(tmp_path / "second")])
    assert place_of_policy(XDG_CONFIG_DIRS=dirs) == policy


def test_on_windows_no_variable_moves_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("WIN_PD_OVERRIDE_COMMON_APPDATA", "/mine")
    monkeypatch.setattr("platformdirs.windows.get_win_folder_via_ctypes", lambda _: "/system")
    assert places_module._policy_folder() == Path("/system", "tokenward")
