"""Reading records of known logs, and limiting what a hostile one can pass on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import access_logs
import tokens
from tokenward.errors import TokenwardError
from tokenward.model import Reference
from tokenward.sources.logs.access_logs import (
    LogMapping,
    LogUse,
    ReadProgress,
    TokenNaming,
    action_of,
    address_of,
    log_use,
    read_mapping,
    read_records,
    time_of,
)

TEN = datetime(2026, 11, 26, 10, tzinfo=UTC)
ELEVEN = TEN.replace(hour=11)
VALUE = tokens.github(1)
KEY_ID = tokens.aws(1)[0]
HASH = access_logs.hashed(VALUE)
BY_HASH, BY_ID, BY_USER = TokenNaming.SHA256_BASE64, TokenNaming.ID, TokenNaming.GITLAB_USER
HERE = "203.0.113.7"


def uses(path: Path, mapping: LogMapping | None = None) -> list[LogUse | None]:
    return [(mapping or LogMapping()).read(record) for record in read_records(path, ReadProgress())]


LOGS: dict[str, list[LogUse]] = {
    "github-export.json": [
        LogUse("GitHub", TEN, HERE, "git.clone", BY_HASH, HASH),
        LogUse("GitHub", ELEVEN, HERE, "repo.create", BY_HASH, HASH),
        LogUse("GitHub", TEN.replace(hour=12), "198.51.100.9", "org.update_member", BY_HASH, ""),
    ],
    "github-stream.ndjson": [
        LogUse("GitHub", TEN, HERE, "git.clone", BY_HASH, HASH),
        LogUse("GitHub", ELEVEN, "2001:db8::7", "git.push", BY_HASH, HASH),
    ],
    "cloudtrail.json": [
        LogUse("AWS", TEN, HERE, "s3:GetObject", BY_ID, KEY_ID),
        LogUse("AWS", ELEVEN, HERE, "sts:GetCallerIdentity", BY_ID, KEY_ID, failed=True),
        LogUse("AWS", ELEVEN.replace(second=5), "cloudformation.amazonaws.com", "kms:Decrypt", BY_ID, KEY_ID),
        LogUse("AWS", TEN.replace(hour=12), "ec2.amazonaws.com", "sts:AssumeRole", BY_ID, ""),
    ],
    "cloudtrail-lookup.json": [LogUse("AWS", TEN, HERE, "s3:GetObject", BY_ID, KEY_ID)],
    "gitlab-api.json": [
        LogUse("GitLab", TEN.replace(microsecond=123_000), HERE, "audit event", BY_USER, "71"),
        LogUse("GitLab", ELEVEN, "203.0.113.8", "audit event", BY_USER, ""),
    ],
    "gitlab-stream.ndjson": [LogUse("GitLab", TEN, HERE, "repository_git_operation", BY_USER, "71")],
}


@pytest.mark.parametrize("name", LOGS)
def test_what_a_log_tells(tmp_path: Path, name: str) -> None:
    value = KEY_ID if "cloudtrail" in name else VALUE
    assert uses(access_logs.make(tmp_path, name, value)) == LOGS[name]


def test_a_mapping_reads_any_other_log(tmp_path: Path) -> None:
    mapping = read_mapping(access_logs.make(tmp_path, "gateway.toml"))
    found = uses(access_logs.make(tmp_path, "gateway.ndjson", VALUE), mapping)
    assert [(one.provider, one.time, one.address, one.action, one.naming) for one in found if one] == [
        ("", TEN, HERE, "/v1/models", TokenNaming.SHA256_HEX),
        ("", ELEVEN, HERE, "/v1/chat", TokenNaming.SHA256_HEX),
    ]


def test_a_mapping_may_only_name_tokens(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text('[names]\n"keyring://acme/GITLAB_TOKEN" = ["gitlab-user:71"]\n')
    mapping = read_mapping(path)
    assert mapping.names == {Reference("acme", "GITLAB_TOKEN"): ("gitlab-user:71",)}
    assert uses(access_logs.make(tmp_path, "gitlab-stream.ndjson"), mapping) == LOGS["gitlab-stream.ndjson"]


@pytest.mark.parametrize(
    "text",
    [
        'time = "a"',
        'token = "a"\ntoken-is = "id"',
        'time = "a"\ntoken = "b"',
        'time = "a"\ntoken = "b"\ntoken-is = "md5"',
        'time = "a"\ntoken = "b"\ntoken-is = "gitlab-user"',
        'time = "a"\ntoken = "b"\ntoken-is = 1',
        'colour = "red"',
        'names = "x"',
        '[names]\nGITHUB = ["x"]',
        '[names]\n"keyring://acme/A" = "x"',
        '[names]\n"keyring://acme/A" = [1]',
        "= nonsense",
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(TokenwardError, match=r"map\.toml .*\.$"):
        read_mapping(path)


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TokenwardError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("git.clone", "git.clone"),
        ("ses:GetSendStatistics20101201", "ses:GetSendStatistics20101201"),
        ("/v1/chat", "/v1/chat"),
        (f"used {VALUE} twice", "used … twice"),
        (f"/v1?key={VALUE}", "…"),
        (tokens.gitlab(1), "…"),
        (tokens.aws(1)[1], "…"),
        ("\x1b[31mred", "…"),
        ("<script>", "…"),
        ("a\u202eb", "…"),
        ("word " * 50, f"{('word ' * 16)[:79]}…"),
        (None, ""),
        (["x"], ""),
        ({"action": "x"}, ""),
        (5, "5"),
    ],
)
def test_an_action_shows_no_token_and_moves_no_cursor(written: Any, shown: str) -> None:
    assert action_of(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 2001:DB8:0::7 ", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com"),
        ("AWS Internal", "AWS Internal"),
        ("host.example.com", ""),
        ("<b>", ""),
        (VALUE, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_an_address_is_one_or_nothing(written: Any, shown: str) -> None:
    assert address_of(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-26T10:00:00Z",
        "2026-11-26T12:00:00+02:00",
        "2026-11-26 10:00:00 UTC",
        "2026-11-26T10:00:00",
        1795687200,
        1795687200000,
        1795687200.0,
    ],
)
def test_a_time_is_read_in_every_usual_spelling(written: Any) -> None:
    assert time_of(written) == TEN


@pytest.mark.parametrize(
    "written", ["yesterday", "", None, [], True, 1e300, -1e300, float("nan"), float("inf")]
)
def test_what_is_no_time_is_none(written: Any) -> None:
    assert time_of(written) is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["accessKeyId", "ip_address"]), inner)
    ),
    max_leaves=4,
)
KEYS = ["action", "hashed_token", "@timestamp", "actor", "actor_ip", "created_at", "eventSource", "eventName"]
KEYS += ["eventTime", "sourceIPAddress", "userIdentity", "author_id", "entity_type", "details", "event_type"]


@given(st.dictionaries(st.sampled_from([*KEYS, "CloudTrailEvent"]), VALUES))
def test_no_record_is_too_much(record: dict[str, Any]) -> None:
    for one in (record, {"CloudTrailEvent": json.dumps(record)}):
        use = log_use(one)
        assert use is None or (use.action + use.address).isprintable()
