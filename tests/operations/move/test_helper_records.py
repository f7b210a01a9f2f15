"""A move after which a tool asks a credential helper adds the record that the helper answers from."""

from __future__ import annotations

import base64
import configparser
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import tokens
from desk import Desk
from tokenward.custody.credentials import CredentialRecord, parse_url
from tokenward.errors import EditRefused, RewriteRefused
from tokenward.model import Reference
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.move.move_file import move_file
from tokenward.operations.move.preview import FileRequest
from tokenward.operations.move.restore import restore
from tokenward.operations.recovery import recover

TOKEN = tokens.github("helper")
OTHER = tokens.github("other helper")


def docker(desk: Desk, *registries: str, user: str = "me") -> Path:
    path = desk.folder / ".docker" / "config.json"
    path.parent.mkdir()
    entries = {
        registry: {"auth": base64.b64encode(f"{user}:{token}".encode()).decode()}
        for registry, token in zip(registries, (TOKEN, OTHER), strict=False)
    }
    path.write_text(json.dumps({"auths": entries}, indent="\t"))
    return path


def records(desk: Desk) -> list[tuple[str, str, str]]:
    found = desk.context.credentials.in_workspace("acme-api")
    return [(str(one.address), one.user, one.reference.name) for one in found]


def test_docker_asks_the_helper_until_the_file_is_restored(desk: Desk) -> None:
    path = docker(desk, "ghcr.io", "https://index.docker.io/v1/")
    before = path.read_bytes()
    first = desk.move_on_disk(path).reference
    second = desk.move_on_disk(path).reference
    assert (desk.value(str(first)), desk.value(str(second))) == (TOKEN, OTHER)
    assert json.loads(path.read_text()) == {
        "credHelpers": {"https://index.docker.io/v1/": "tokenward", "ghcr.io": "tokenward"},
        "auths": {"ghcr.io": {}, "https://index.docker.io/v1/": {}},
    }
    assert records(desk) == [
        ("https://ghcr.io", "me", first.name),
        ("https://index.docker.io/v1", "me", second.name),
    ]
    assert [*restore(desk.context, desk.folder, path, desk.disk, None)] == [second, first]
    assert path.read_bytes() == before
    assert not records(desk)


def test_git_asks_the_helper_once_its_configuration_says_so(desk: Desk) -> None:
    path = desk.folder / ".git-credentials"
    path.write_text(f"https://me:{TOKEN}@git.example.com/a.git\n")
    result = desk.move_on_disk(path)
    assert path.read_text() == f"# https://me:{result.reference}@git.example.com/a.git\n"
    assert "git config --global --add credential.https://git.example.com.helper tokenward" in result.after
    assert records(desk) == [("https://git.example.com", "me", result.reference.name)]
    assert [*restore(desk.context, desk.folder, path, desk.disk, None)] == [result.reference]
    assert path.read_text() == f"https://me:{TOKEN}@git.example.com/a.git\n"
    assert not records(desk)


def test_all_tokens_of_a_file_move_by_one_edit_and_return_one_by_one(desk: Desk) -> None:
    path = docker(desk, "ghcr.io", "registry.example.com")
    before, source = path.read_bytes(), desk.disk.read(path)
    assert source is not None
    outcomes = [*move_file(desk.context, FileRequest(source, desk.folder, (), None), desk.disk)]
    assert len(outcomes) == len(records(desk)) == 2
    assert json.loads(path.read_text())["auths"] == {"ghcr.io": {}, "registry.example.com": {}}
    assert len([*restore(desk.context, desk.folder, path, desk.disk, None)]) == 2
    assert path.read_bytes() == before


def test_the_profiles_of_a_file_move_by_one_edit(desk: Desk) -> None:
    path = desk.folder / ".aws" / "credentials"
    path.parent.mkdir()
    keys = [tokens.aws(seed) for seed in ("first", "second")]
    path.write_text(
        "".join(f"[{key}]\naws_access_key_id={key}\naws_secret_access_key={secret}\n" for key, secret in keys)
    )
    before, source = path.read_bytes(), desk.disk.read(path)
    assert source is not None
    [*move_file(desk.context, FileRequest(source, desk.folder, (), None), desk.disk)]
    processes = re.findall(
        r"\[(\w+)\]\ncredential_process = tokenward credential aws (\w+) (.*)\n", path.read_text()
    )
    assert [(profile, key, desk.value(reference)) for profile, key, reference in processes] == [
        (key, key, secret) for key, secret in keys
    ]
    assert len([*restore(desk.context, desk.folder, path, desk.disk, None)]) == 2
    assert path.read_bytes() == before


class Refusing(DiskEditor):
    """An editor that notes the records that are there before its edit, and makes none."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.seen: list[tuple[str, str, str]] = []

    def apply(self, files: Sequence[FileEdit], label: str) -> None:
        self.seen = records(self._desk)
        raise EditRefused("The editor did not apply the edit.")


def test_the_record_is_there_before_the_edit_and_gone_if_that_is_refused(desk: Desk) -> None:
    path, editor = docker(desk, "ghcr.io"), Refusing(desk)
    source = desk.disk.read(path)
    assert source is not None
    with pytest.raises(EditRefused):
        desk.move(source, editor=editor)
    assert [address for address, _, _ in editor.seen] == ["https://ghcr.io"]
    assert not records(desk)
    assert desk.value(f"keyring://acme-api/{editor.seen[0][2]}") is None


def test_a_record_that_was_there_before_stays(desk: Desk) -> None:
    path = docker(desk, "ghcr.io")
    reference = desk.move_on_disk(path).reference
    [*restore(desk.context, desk.folder, path, desk.disk, None)]
    record = CredentialRecord(parse_url("https://ghcr.io")[0], "me", reference)
    desk.context.credentials.add(record)
    assert desk.move_on_disk(path).reference == reference
    [*restore(desk.context, desk.folder, path, desk.disk, None)]
    assert records(desk) == [("https://ghcr.io", "me", reference.name)]


def test_a_record_of_another_token_is_not_replaced(desk: Desk) -> None:
    path = docker(desk, "ghcr.io")
    before = path.read_bytes()
    other = CredentialRecord(parse_url("https://ghcr.io")[0], "me", Reference("acme-api", "OTHER"))
    desk.context.bindings.claim(desk.folder, "acme-api")
    desk.context.credentials.add(other)
    with pytest.raises(RewriteRefused, match="credential remove"):
        desk.move_on_disk(path)
    assert path.read_bytes() == before
    assert [name for _, _, name in records(desk)] == ["OTHER"]


def test_a_token_in_place_of_the_user_is_not_recorded(desk: Desk) -> None:
    path = docker(desk, "ghcr.io", user=OTHER)
    with pytest.raises(RewriteRefused, match="contain a token"):
        desk.move_on_disk(path)
    assert not records(desk)
    assert OTHER not in repr([*desk.context.ledger.records()])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that dies in the middle is made by fork")
def test_the_next_start_removes_the_record_of_a_move_that_was_not_made(desk: Desk) -> None:
    path = docker(desk, "ghcr.io")
    before = path.read_bytes()

    class Dying(DiskEditor):
        def apply(self, files: Sequence[FileEdit], label: str) -> None:
            os._exit(0)

    child = os.fork()
    if child == 0:
        source = desk.disk.read(path)
        assert source is not None
        desk.move(source, editor=Dying())
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert records(desk)
    assert [*recover(desk.context, desk.disk)]
    assert not records(desk)
    assert path.read_bytes() == before


CARGO = f'[registries.mine]\ntoken = "{TOKEN}"\n'
POETRY = f'[http-basic.mine]\nusername = "ada"\npassword = "{TOKEN}"\n'
BESIDE = {
    "in git": (
        ".cargo/credentials.toml",
        CARGO,
        ("config.toml", '[registries]\nmine = { index = "https://example.com/index" }\n'),
        ("registry+https://example.com/index", ""),
    ),
    "sparse": (
        ".cargo/credentials",
        CARGO,
        ("config", '[registries.mine]\nindex = "sparse+https://example.com/index/"\n'),
        ("sparse+https://example.com/index", ""),
    ),
    "poetry": (
        "pypoetry/auth.toml",
        POETRY,
        ("config.toml", '[repositories.mine]\nurl = "https://example.com/simple/"\n'),
        ("https://example.com/simple", "ada"),
    ),
}


@pytest.mark.parametrize("case", BESIDE)
def test_the_url_is_that_of_the_configuration_beside_the_file(desk: Desk, case: str) -> None:
    name, text, (beside, configuration), record = BESIDE[case]
    path = desk.folder / name
    path.parent.mkdir()
    path.write_text(text)
    path.with_name(beside).write_text(configuration)
    reference = desk.move_on_disk(path).reference
    assert records(desk) == [(*record, reference.name)]
    assert TOKEN not in path.read_text()
    assert [*restore(desk.context, desk.folder, path, desk.disk, None)] == [reference]
    assert path.read_text() == text
    assert records(desk) == []


@pytest.mark.parametrize(
    "configuration",
    [
        None,
        "",
        "not [ toml",
        '[registries.other]\nindex = "https://example.com/"\n',
        "registries = 1\n",
        "[registries.mine]\nindex = 1\n",
    ],
)
@pytest.mark.parametrize(
    ("name", "text"), [(".cargo/credentials.toml", CARGO), ("pypoetry/auth.toml", POETRY)]
)
def test_a_token_stays_if_the_configuration_beside_it_has_no_url(
    desk: Desk, name: str, text: str, configuration: str | None
) -> None:
    """A project could name any URL, so its own configuration does not count."""
    path = desk.folder / name
    path.parent.mkdir()
    path.write_text(text)
    if configuration is not None:
        path.with_name("config.toml").write_text(configuration)
    desk.folder.joinpath("config.toml").write_text('[registries.mine]\nindex = "https://example.com/"\n')
    with pytest.raises(RewriteRefused, match=r"config\.toml beside|cannot be recorded"):
        desk.move_on_disk(path)
    assert path.read_text() == text
    assert records(desk) == []


def test_docker_s_file_is_restored_after_docker_has_rewritten_it(desk: Desk) -> None:
    path = docker(desk, "ghcr.io", "https://index.docker.io/v1/")
    before = json.loads(path.read_text())
    first, second = (desk.move_on_disk(path).reference for _ in range(2))
    rewritten = json.loads(path.read_text()) | {"currentContext": "a"}
    path.write_text(json.dumps(rewritten, indent="\t", sort_keys=True))
    assert [*restore(desk.context, desk.folder, path, desk.disk, None)] == [second, first]
    assert json.loads(path.read_text()) == before | {"currentContext": "a"}
    assert records(desk) == []


def test_pip_s_file_is_restored_after_pip_has_rewritten_it(desk: Desk) -> None:
    path = desk.folder / "pip.conf"
    urls = [f"https://me:{token}@{token[-4:].lower()}.example.com/simple" for token in (TOKEN, OTHER)]
    path.write_text("[global]\nextra-index-url=\n  {}\n  {}\n".format(*urls))
    moved = [desk.move_on_disk(path).reference for _ in urls]
    parser = configparser.RawConfigParser()
    parser.read(path)
    parser["global"]["keyring-provider"] = "subprocess"
    with path.open("w") as file:
        parser.write(file)
    assert {*restore(desk.context, desk.folder, path, desk.disk, None)} == {*moved}
    parser.read(path)
    assert parser["global"]["extra-index-url"].split() == urls


def test_a_password_is_restored_for_no_other_registry_than_its_own(desk: Desk) -> None:
    path = docker(desk, "ghcr.io")
    desk.move_on_disk(path)
    changed = path.read_text().replace('"ghcr.io": {}', '"evil.co": {}')
    path.write_text(changed)
    with pytest.raises(RewriteRefused):
        [*restore(desk.context, desk.folder, path, desk.disk, None)]
    assert path.read_text() == changed


def test_a_password_is_restored_for_no_other_git_host_than_its_own(desk: Desk) -> None:
    path = desk.folder / ".git-credentials"
    path.write_text(f"https://me:{TOKEN}@git.example.com\n")
    desk.move_on_disk(path)
    changed = path.read_text().replace("git.example.com", "git.example.net")
    path.write_text(changed)
    with pytest.raises(RewriteRefused):
        [*restore(desk.context, desk.folder, path, desk.disk, None)]
    assert path.read_text() == changed
