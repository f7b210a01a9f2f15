"""Layers of settings, their limits, and every kind of bad settings file."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import tokens
from tokenward.errors import SettingsError
from tokenward.model import Kind
from tokenward.places import Places, make_private_folder, shown
from tokenward.setting_fields import duration
from tokenward.setting_files import MAX_FILE_BYTES
from tokenward.settings import Settings, load_settings

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and file kinds")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "config").mkdir()
    return Places(tmp_path / "config", tmp_path / "data", tmp_path / "cache")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "workspace"
    root.mkdir()
    return root


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_without_files_the_defaults_hold(places: Places, root: Path) -> None:
    assert load_settings(places, root) == (Settings(), ())


def test_the_editor_wins_over_the_workspace_and_that_over_the_user(places: Places, root: Path) -> None:
    write(places.settings_file, 'env-file = "a.env"\nkeyring-timeout = 5\nenabled = false\n')
    write(root / "tokenward.toml", 'env-file = "b.env"\nworkspace-name = "acme"\n')
    settings, problems = load_settings(places, root, {"envFile": "c.env", "keyringTimeout": 7})
    assert problems == ()
    assert settings == Settings(workspace_name="acme", enabled=False, keyring_timeout=7.0, env_file="c.env")
    assert load_settings(places, root)[0].env_file == "b.env"


def test_a_user_can_set_each_field_that_is_the_users(places: Places, tmp_path: Path) -> None:
    write(
        places.settings_file,
        f"""
        enabled = false
        scan-workspace = false
        max-document-bytes = 5
        max-file-bytes = 6
        keyring-timeout = 1.5
        vault = "file"
        vault-file = '{tmp_path / "v"}'
        allowed-backends = ["my.backend"]
        env-file = "config/dev.env"
        log-level = "debug"
        rule-files = ['{tmp_path / "r.yml"}']
        trusted-folders = ['{tmp_path}', '~/work']
        generic-tokens = "off"
        expiry-hints = false
        allow-repository-ignores = false
        ledger-retention-days = 90
        ledger-required = "always"
        lease-for = {{ long-lived = "90d", "session-bound" = "12h" }}
        lease-confirm = "session"
        agents = "deny"
        include = ["*.dump"]
        exclude = ["testdata/"]
        log-files = ["logs/**/*.log"]
        watch-transcripts = true
        follow-symlinks = true
        """,
    )
    assert load_settings(places, None) == (
        Settings(
            enabled=False,
            scan_workspace=False,
            max_document_bytes=5,
            max_file_bytes=6,
            keyring_timeout=1.5,
            vault="file",
            vault_file=tmp_path / "v",
            allowed_backends=("my.backend",),
            env_file="config/dev.env",
            log_level="debug",
            rule_files=(tmp_path / "r.yml",),
            trusted_folders=(tmp_path, Path.home() / "work"),
            generic_tokens="off",
            expiry_hints=False,
            allow_repository_ignores=False,
            ledger_retention_days=90,
            ledger_required="always",
            lease_for=((Kind.LONG_LIVED, 90 * 86_400), (Kind.SESSION, 12 * 3_600)),
            lease_confirm="session",
            agents="deny",
            include=("*.dump",),
            exclude=("testdata/",),
            log_files=("logs/**/*.log",),
            watch_transcripts=True,
            follow_symlinks=True,
        ),
        (),
    )


HOSTILE = {
    "agents-store": "true",
    "ledger-required": '"never"',
    "agents-clipboard": "false",
    "daemon": "false",
    "enabled": "false",
    "scan-workspace": "false",
    "max-document-bytes": "1",
    "max-file-bytes": "1",
    "keyring-timeout": "1",
    "vault": '"file"',
    "vault-file": '"/tmp/vault"',
    "allowed-backends": '["evil"]',
    "log-level": '"error"',
    "rule-files": '["/tmp/rules.yml"]',
    "trusted-folders": '["/tmp"]',
    "generic-tokens": '"off"',
    "expiry-hints": "false",
    "code-lenses": "false",
    "allow-repository-ignores": "true",
    "ledger-retention-days": "1",
    "workspace-lease-for": '{ unknown = "1h" }',
    "workspace-lease-confirm": '"never"',
    "workspace-agents": '"allow"',
    "include": "[]",
    "workspace-exclude": '["*"]',
    "log-files": '["*"]',
    "watch-transcripts": "true",
    "follow-symlinks": "true",
}


@pytest.mark.parametrize("key", HOSTILE)
def test_a_repositorys_file_cannot_weaken_safety(places: Places, root: Path, key: str) -> None:
    write(root / "tokenward.toml", f"{key} = {HOSTILE[key]}\n")
    settings, [problem] = load_settings(places, root)
    assert settings == Settings()
    assert problem.key == key
    assert str(root) in problem.sentence
    assert ("your own settings file" in problem.sentence) is not key.startswith("workspace-")


def test_a_repository_can_set_only_its_name_its_environment_file_and_what_is_reported() -> None:
    ours = {field.name.replace("_", "-") for field in fields(Settings)}
    assert ours - HOSTILE.keys() == {
        "workspace-name",
        "env-file",
        "exclude",
        "lease-for",
        "lease-confirm",
        "agents",
    }


def test_what_a_repository_excludes_is_kept_apart_from_what_its_user_excludes(
    places: Places, root: Path
) -> None:
    write(places.settings_file, 'exclude = ["mine/"]\n')
    write(root / "tokenward.toml", 'exclude = ["theirs/"]\n')
    expected = Settings(exclude=("mine/",), workspace_exclude=("theirs/",))
    assert load_settings(places, root) == (expected, ())
    from_editor = Settings(exclude=("editors/",), workspace_exclude=("theirs/",))
    assert load_settings(places, root, {"exclude": ["editors/"]}) == (from_editor, ())


def test_a_workspace_makes_leases_stricter_and_never_looser(places: Places, root: Path) -> None:
    write(
        places.settings_file, 'lease-for = { unknown = "8h", expiring = "8h" }\nlease-confirm = "session"\n'
    )
    write(root / "tokenward.toml", 'lease-for = { unknown = "1h", expiring = "9h", long-lived = "7d" }\n')
    settings, problems = load_settings(places, root)
    seconds = {kind: settings.lease_seconds(kind) for kind in Kind}
    assert problems == ()
    assert (seconds[Kind.UNKNOWN], seconds[Kind.EXPIRING]) == (3_600, 8 * 3_600)
    assert (seconds[Kind.LONG_LIVED], seconds[Kind.SESSION]) == (7 * 86_400, None)
    for said, counts in (("never", "session"), ("session", "session"), ("always", "always")):
        write(root / "tokenward.toml", f'lease-confirm = "{said}"\n')
        assert load_settings(places, root)[0].confirmation == counts


def test_a_workspace_keeps_agents_away_and_never_lets_them_in(places: Places, root: Path) -> None:
    assert Settings().agent_access == "ask"
    for ours, theirs, counts in (("ask", "allow", "ask"), ("allow", "ask", "ask"), ("deny", "ask", "deny")):
        write(places.settings_file, f'agents = "{ours}"\n')
        write(root / "tokenward.toml", f'agents = "{theirs}"\n')
        assert load_settings(places, root)[0].agent_access == counts


@pytest.mark.parametrize(
    "said", ['"8h"', "{ unknown = 8 }", '{ any = "8h" }', '{ unknown = "8 h" }', '{ unknown = "0s" }']
)
def test_a_span_of_time_is_for_a_kind_and_has_a_unit(places: Places, root: Path, said: str) -> None:
    write(root / "tokenward.toml", f"lease-for = {said}\n")
    settings, [problem] = load_settings(places, root)
    assert settings == Settings()
    assert "such as `8h`" in problem.sentence


@given(count=st.integers(1, 9999), unit=st.sampled_from("smhdw"))
def test_every_span_of_time_up_to_a_century_is_read(count: int, unit: str) -> None:
    seconds = count * {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[unit]
    assert duration(f"{count}{unit}") == (seconds if seconds <= 100 * 366 * 86_400 else None)


@given(text=st.text(max_size=12))
def test_no_other_text_is_a_span_of_time(text: str) -> None:
    assert (duration(text) is not None) <= bool(re.fullmatch(r"[0-9]+[smhdw]", text, re.ASCII))


@pytest.mark.parametrize("given", ['"*"', "[1]", '["a\\nb"]'])
def test_patterns_are_a_list_of_lines(places: Places, root: Path, given: str) -> None:
    write(root / "tokenward.toml", f"exclude = {given}\n")
    settings, [problem] = load_settings(places, root)
    assert settings == Settings()
    assert "a list of patterns" in problem.sentence


@pytest.mark.parametrize(
    "key",
    [
        "vaultFile",
        "allowedBackends",
        "ruleFiles",
        "trustedFolders",
        "allowRepositoryIgnores",
        "ledgerRetentionDays",
    ],
)
def test_an_editor_cannot_choose_what_gets_the_values_or_what_is_silenced(places: Places, key: str) -> None:
    settings, [problem] = load_settings(places, None, {key: ["/x"]})
    assert settings == Settings()
    assert problem.key == key


@pytest.mark.parametrize("given", ["-1", "1.5", "true", "36501", '"30"'])
def test_the_retention_is_a_number_of_days(places: Places, given: str) -> None:
    write(places.settings_file, f"ledger-retention-days = {given}\n")
    settings, [problem] = load_settings(places, None)
    assert settings == Settings()
    assert "a whole number of days" in problem.sentence


BAD = [
    ("workspaceName", "Acme"),
    ("workspaceName", "a/b"),
    ("workspaceName", "a\n"),
    ("enabled", 1),
    ("maxDocumentBytes", True),
    ("maxDocumentBytes", 0),
    ("maxDocumentBytes", 1.5),
    ("maxFileBytes", 0),
    ("maxFileBytes", 10**9 + 1),
    ("scanWorkspace", "no"),
    ("keyringTimeout", 0.5),
    ("keyringTimeout", 601),
    ("keyringTimeout", float("nan")),
    ("keyringTimeout", float("inf")),
    ("keyringTimeout", "30"),
    ("vault", "none"),
    ("vault", []),
    ("logLevel", "trace"),
    ("envFile", ""),
    ("envFile", "."),
    ("envFile", ".."),
    ("envFile", "../.env"),
    ("envFile", "a/../../.env"),
    ("envFile", "/etc/passwd"),
    ("envFile", "~/.env"),
    ("envFile", "C:/x"),
    ("envFile", "C:x"),
    ("envFile", "a\\..\\..\\b"),
    ("envFile", ".env:stream"),
    ("envFile", ".env\n"),
    ("envFile", "a\x00"),
    ("envFile", ".git/config"),
    ("envFile", "sub/.GIT/hooks/pre-commit"),
    ("envFile", ".git./config"),
    ("envFile", ".git /config"),
    ("envFile", "GIT~1/config"),
    ("envFile", ".g\u200cit/config"),
    ("envFile", {"a": 1}),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_bad_value_falls_back_and_is_named(places: Places, key: str, value: object) -> None:
    write(places.settings_file, 'keyring-timeout = 9\nenv-file = "good.env"\n')
    settings, [problem] = load_settings(places, None, {key: value})
    assert settings == Settings(keyring_timeout=9.0, env_file="good.env")
    assert problem.key == key
    assert f"`{key}` has no effect; it must be" in problem.sentence


def test_what_the_editor_leaves_unset_or_keeps_for_itself_is_no_problem(places: Places) -> None:
    editor = {"workspaceName": None, "server": {"path": "x"}, "trace": {"server": "off"}}
    assert load_settings(places, None, editor) == (Settings(), ())


@pytest.mark.parametrize("editor", [[], "on", 3, True])
def test_an_editor_that_sends_no_table_is_told(places: Places, editor: object) -> None:
    settings, [problem] = load_settings(places, None, editor)
    assert settings == Settings()
    assert "must be a table" in problem.sentence


def test_an_unknown_key_costs_only_itself(places: Places) -> None:
    write(places.settings_file, "keyring_timeout = 3\nkeyring-timeout = 4\n")
    settings, [problem] = load_settings(places, None)
    assert settings.keyring_timeout == 4.0
    assert "`keyring_timeout` is not a setting" in problem.sentence
    assert "`keyring-timeout`" in problem.sentence


def test_a_token_that_went_astray_is_not_repeated(places: Places, root: Path) -> None:
    token = tokens.github()
    write(places.settings_file, f'vault = "{token}"\n{token} = 1\n')
    write(root / "tokenward.toml", f"[{token}]\n[{token}]\n")
    problems = load_settings(places, root, {"logLevel": token, token: token})[1]
    assert len(problems) == 5
    assert token not in repr(problems)


BAD_FILES = {
    b"vault = \n": "not valid TOML at line 1",
    b"\xff\xfe": "not in UTF-8",
    b"a = " + b"[" * 5_000: "not valid TOML",
    b"a = " + b"1" * 5_000: "not valid TOML",
    b"#" * (MAX_FILE_BYTES + 1): "larger than",
}


@pytest.mark.parametrize("content", BAD_FILES)
def test_a_bad_file_is_named_and_the_others_hold(places: Places, root: Path, content: bytes) -> None:
    (root / "tokenward.toml").write_bytes(content)
    write(places.settings_file, "keyring-timeout = 4\n")
    settings, [problem] = load_settings(places, root)
    assert settings == Settings(keyring_timeout=4.0)
    assert problem.path == str(root / "tokenward.toml")
    assert problem.sentence.startswith(problem.path)
    assert BAD_FILES[content] in problem.sentence


def test_a_byte_order_mark_does_no_harm(places: Places) -> None:
    places.settings_file.write_bytes(b"\xef\xbb\xbfenabled = false\r\n")
    assert load_settings(places, None) == (Settings(enabled=False), ())


def test_a_folder_in_the_place_of_the_file_is_named(places: Places, root: Path) -> None:
    (root / "tokenward.toml").mkdir()
    settings, [problem] = load_settings(places, root)
    assert settings == Settings()
    assert "tokenward.toml" in problem.sentence


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted by /proc")
def test_what_cannot_be_read_leaves_no_file_open(places: Places, root: Path) -> None:
    (root / "tokenward.toml").mkdir()
    os.mkfifo(places.settings_file)
    load_settings(places, root)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        assert len(load_settings(places, root)[1]) == 2
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@posix
def test_a_fifo_does_not_make_anyone_wait(places: Places, root: Path) -> None:
    os.mkfifo(root / "tokenward.toml")
    _, [problem] = load_settings(places, root)
    assert "not a regular file" in problem.sentence


@posix
def test_a_link_out_of_the_workspace_is_not_read(places: Places, root: Path, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.toml", 'workspace-name = "other"\n')
    (root / "tokenward.toml").symlink_to(outside)
    settings, [problem] = load_settings(places, root)
    assert settings == Settings()
    assert "out of the workspace" in problem.sentence


@posix
def test_a_link_within_the_workspace_and_a_users_own_link_are_read(
    places: Places, root: Path, tmp_path: Path
) -> None:
    write(root / "real.toml", 'workspace-name = "acme"\n')
    (root / "tokenward.toml").symlink_to("real.toml")
    places.settings_file.symlink_to(write(tmp_path / "dotfiles.toml", "enabled = false\n"))
    assert load_settings(places, root) == (Settings(workspace_name="acme", enabled=False), ())


@posix
def test_a_link_in_a_circle_is_named(places: Places, root: Path) -> None:
    (root / "tokenward.toml").symlink_to("tokenward.toml")
    settings, problems = load_settings(places, root)
    assert settings == Settings()
    assert len(problems) == 1


def test_a_workspace_that_is_gone_has_no_settings(places: Places, tmp_path: Path) -> None:
    assert load_settings(places, tmp_path / "gone") == (Settings(), ())


def test_a_hostile_folder_name_cannot_break_the_line(places: Places, tmp_path: Path) -> None:
    assert shown("a\n\x1b[2J\u202e\udcff/b") == "a??[2J??/b"


def test_the_environment_file_is_inside_the_workspace(root: Path) -> None:
    assert Settings().env_path(root) == root / ".env"
    assert Settings(env_file="a/b.env").env_path(root) == root / "a" / "b.env"


@posix
@pytest.mark.parametrize("target", ["../outside", ".git/config"])
def test_an_environment_file_that_leads_away_is_refused(root: Path, target: str) -> None:
    (root / ".env").symlink_to(target)
    with pytest.raises(SettingsError, match=r"\.env leads out of the workspace's own files"):
        Settings().env_path(root)


@posix
def test_an_environment_file_in_a_linked_folder_is_refused(root: Path, tmp_path: Path) -> None:
    (root / "sub").symlink_to(tmp_path)
    with pytest.raises(SettingsError):
        Settings(env_file="sub/.env").env_path(root)


toml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
editor_keys = st.sampled_from(
    [
        "workspaceName",
        "enabled",
        "maxDocumentBytes",
        "maxFileBytes",
        "scanWorkspace",
        "trustedFolders",
        "exclude",
        "keyringTimeout",
        "vault",
        "vaultFile",
        "allowedBackends",
        "envFile",
        "logLevel",
    ]
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(editor=st.dictionaries(editor_keys | st.text(), toml_values))
def test_whatever_an_editor_sends_gives_usable_settings(places: Places, editor: dict[str, object]) -> None:
    settings, problems = load_settings(places, None, editor)
    assert settings.allowed_backends == ()
    assert settings.vault_file is None
    assert settings.vault in {"auto", "keyring", "file"}
    assert 1 <= settings.keyring_timeout <= 600
    assert 1 <= settings.max_document_bytes <= 10**9
    assert 1 <= settings.max_file_bytes <= 10**9
    assert settings.trusted_folders == ()
    assert settings.workspace_exclude == ()
    assert all(problem.sentence.isprintable() for problem in problems)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_whatever_stands_in_a_repositorys_file_settings_come_back(
    places: Places, root: Path, content: bytes
) -> None:
    (root / "tokenward.toml").write_bytes(content)
    settings, _ = load_settings(places, root)
    assert settings == Settings(
        workspace_name=settings.workspace_name,
        env_file=settings.env_file,
        workspace_exclude=settings.workspace_exclude,
    )


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.sampled_from(["..", ".", "a", ".git", ".env", "", "é", "\\", "C:"]) | st.text(), max_size=5
    )
)
def test_no_environment_file_climbs_out(places: Places, root: Path, parts: list[str]) -> None:
    settings, _ = load_settings(places, root, {"envFile": "/".join(parts)})
    path = settings.env_path(root)
    assert path != root
    assert path.resolve().is_relative_to(root.resolve())
    assert ".git" not in {part.lower() for part in path.relative_to(root).parts}


@posix
def test_places_are_closed_to_others(tmp_path: Path) -> None:
    code = "import os; os.umask(0); from tokenward.places import Places; print(Places.of_user().data_dir)"
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    home["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | home, capture_output=True, text=True, check=True
    )
    data = Path(done.stdout.strip())
    assert data.is_relative_to(tmp_path)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


@posix
def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_home_that_cannot_be_written_delays_nobody(tmp_path: Path) -> None:
    blocked = write(tmp_path / "blocked", "")
    code = "from tokenward.places import Places; print(Places.of_user().ledger.name)"
    home = {name: str(blocked) for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | home, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "ledger.db"
