"""A check and a revocation as operations: what they record, what they recognise, and what a crash leaves."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from desk import Desk
from provider import Provider, token
from tokenward.custody.ledger.events import Event
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.detection.validation.hosts import Host
from tokenward.detection.validation.requests import CheckOutcome, RevocationOutcome
from tokenward.errors import StateDamaged, TokenwardError
from tokenward.model import Reference, Secret
from tokenward.operations.context import Context
from tokenward.operations.provider.check_and_revoke import check, references_to, revoke
from tokenward.operations.provider.subject import (
    ProviderQuestion,
    SearchedText,
    asker_of,
    question_at,
    question_of_value,
    require_sure,
)
from tokenward.operations.recovery import recover
from tokenward.operations.scan.workspace_rules import RootRules

REFERENCE = Reference("acme-api", "ACME_KEY")


@pytest.fixture
def context(desk: Desk, acme: Provider, tmp_path: Path) -> Context:
    """A context whose user has a rule file that leads to the provider."""
    file = tmp_path / "acme.yml"
    file.write_text(acme.rules())
    desk.settings = replace(desk.settings, rule_files=(file,))
    made = desk.context
    rules = RootRules(made.scanner, desk.settings, desk.places).of(str(desk.folder))
    return made.scanning_with(replace(made.scanner, local=rules.local))


def question(desk: Desk, context: Context, value: str) -> ProviderQuestion:
    where = SearchedText(f"KEY = '{value}'\n", "app.py", str(desk.folder / "app.py"))
    return question_at(context, asker_of(context, desk.places), where)


def test_a_check_is_recorded_without_its_value(desk: Desk, context: Context, acme: Provider) -> None:
    value = token()
    the_subject = question(desk, context, value)
    assert check(context, the_subject, Cancellation()).outcome is CheckOutcome.WORKS
    (record,) = context.ledger.records()
    assert (record.event, record.fingerprint) == (Event.CHECKED, context.scanner.fingerprint(value))
    assert record.detail == {"rule": "custom.acme-key", "hosts": [acme.host], "outcome": "works"}
    assert record.origin == str(desk.folder / "app.py")
    assert value not in repr(record) + repr(the_subject)


def full_disk(*_: object, **__: object) -> None:
    raise StateDamaged("The ledger is full.")


def test_what_cannot_be_announced_is_not_sent(
    desk: Desk, context: Context, acme: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context.ledger, "begin_revocation", full_disk)
    with pytest.raises(StateDamaged):
        revoke(context, question(desk, context, token()), Cancellation())
    assert acme.requests == []


def test_an_answer_is_told_though_it_cannot_be_recorded(
    desk: Desk, context: Context, acme: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_subject = question(desk, context, token())
    monkeypatch.setattr(context.ledger, "end_revocation", full_disk)
    monkeypatch.setattr(context.ledger, "record_all", full_disk)
    said: list[str] = []
    context = replace(context, warn=said.append)
    assert revoke(context, the_subject, Cancellation()).ending is RevocationOutcome.REVOKED
    assert check(context, the_subject, Cancellation()).outcome is CheckOutcome.WORKS
    assert [sentence.partition(":")[0] for sentence in said] == [
        "The ledger does not record the result of this revocation",
        "The ledger does not record this check",
    ]
    assert acme.paths() == ["/check", "/revoke", "/check"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that dies in the middle is made by fork")
def test_a_revocation_that_a_crash_cut_off_is_told_once(desk: Desk, context: Context) -> None:
    child = os.fork()
    if child == 0:
        detail = {
            "token": "Acme key (32 characters)",
            "hosts": ["api.example.com"],
            "rule": "custom.acme-key",
        }
        fingerprint = context.scanner.fingerprint(token())
        context.ledger.begin_revocation(fingerprint, "/acme/app.py", None, detail)
        os._exit(0)
    os.waitpid(child, 0)
    (told,) = recover(context, desk.editor)
    assert told.startswith("The revocation of the Acme key (32 characters) at api.example.com, begun at ")
    assert list(recover(context, desk.editor)) == []


@pytest.mark.parametrize("value", [tokens.github(), tokens.gitlab(), tokens.stripe(), tokens.slack()])
def test_a_value_alone_is_recognised(desk: Desk, value: str) -> None:
    context = desk.context
    asker = asker_of(context, desk.places)
    the_subject = question_of_value(context, asker, Secret(value), "TOKEN", reference=REFERENCE)
    assert the_subject.reference == REFERENCE
    assert the_subject.way is not None
    assert the_subject.way.check
    assert value not in repr(the_subject)


@pytest.mark.parametrize(
    "value", ["", "plain", "correct horse battery staple", "x" * 50_000, "'\"\n", "\ud800"]
)
def test_a_value_that_no_rule_knows_is_refused(desk: Desk, value: str) -> None:
    context = desk.context
    with pytest.raises(TokenwardError, match="its provider cannot be asked"):
        question_of_value(context, asker_of(context, desk.places), Secret(value), "TOKEN")


def test_every_reference_to_a_value_is_known(desk: Desk) -> None:
    context = desk.context
    fingerprint = context.scanner.fingerprint(token())
    other = Reference("other", "KEY")
    for reference, known in ((REFERENCE, fingerprint), (other, fingerprint)):
        context.entries.add(reference, known, "Acme")
    context.entries.add(Reference("acme-api", "ELSE"), context.scanner.fingerprint("x"), "Acme")
    assert references_to(context, fingerprint) == (REFERENCE, other)


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"])
def test_only_questions_to_aws_are_led_elsewhere_by_its_settings(name: str) -> None:
    environment = {name: "https://elsewhere.example.com"}
    with pytest.raises(TokenwardError, match=name):
        require_sure([Host("sts.us-east-1.amazonaws.com")], environment)
    require_sure([Host("api.github.com")], environment)
    require_sure([Host("sts.us-east-1.amazonaws.com")], {})


@pytest.mark.parametrize("name", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_another_kind_of_host_of_aws_is_not_the_one_that_is_named(name: str, tmp_path: Path) -> None:
    hosts, home = [Host("sts.us-east-1.amazonaws.com")], {"HOME": str(tmp_path)}
    with pytest.raises(TokenwardError, match=name):
        require_sure(hosts, {**home, name: "True"})
    require_sure(hosts, {**home, name: "false"})


@pytest.mark.parametrize("variable", ["", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
@pytest.mark.parametrize("file", [".aws/config", ".aws/credentials"])
@pytest.mark.parametrize(
    "line", ["endpoint_url = https://elsewhere.example.com", "ENDPOINT_URL=x", "Use_FIPS_endpoint = true"]
)
def test_a_settings_file_of_aws_that_leads_elsewhere_is_found(
    tmp_path: Path, variable: str, file: str, line: str
) -> None:
    """As the AWS tools read it: names in either case, and `~` for the home folder."""
    hosts, place = [Host("iam.amazonaws.com")], tmp_path / ("named" if variable else file)
    place.parent.mkdir(exist_ok=True)
    environment = {"HOME": str(tmp_path), **({variable: "~/named"} if variable else {})}
    place.write_text(f"[default]\nregion = us-east-1\n{'#' * 1_000_000}\n")
    require_sure(hosts, environment)
    place.write_text(f"{place.read_text()}{line}\n")
    with pytest.raises(TokenwardError, match="not certain"):
        require_sure(hosts, environment)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that dies in the middle is made by fork")
def test_of_two_that_start_at_once_one_tells_of_a_revocation_that_was_cut_off(
    desk: Desk, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = os.fork()
    if child == 0:
        context.ledger.begin_revocation(context.scanner.fingerprint(token()), "/acme/app.py", None, {})
        os._exit(0)
    os.waitpid(child, 0)
    seen = context.ledger.open_revocations()
    monkeypatch.setattr(context.ledger, "open_revocations", lambda: seen)
    assert len([*recover(context, desk.editor), *recover(context, desk.editor)]) == 1
