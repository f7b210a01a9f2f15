"""Messages through the socket: written ones are read back, and foreign ones do no harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward import errors
from tokenward.custody.callers.callers import Caller
from tokenward.errors import EntryMissing, TokenwardError, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.operations.approval.approval import ApprovalQuestion
from tokenward.operations.approval.messages import ReceivedQuestion, Refusal
from tokenward.operations.editor_vault.messages import (
    LARGEST_ANSWER,
    VaultAction,
    VaultRequest,
    VaultResponse,
    read,
    read_outcome,
    written,
    written_outcome,
)

REFERENCE = Reference("acme-api", "TOKEN")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("work", "value", "folder", "references", "purpose", "program", "command", "can_last")


def question(purpose: str = "run") -> ApprovalQuestion:
    program = Path("/usr/bin/true")
    return ApprovalQuestion(
        Path("/acme"), (REFERENCE,), purpose, Caller(()), program, ("true", "-x"), can_last=False
    )


@given(value=st.text())
def test_a_value_is_read_as_it_was_written(value: str) -> None:
    errand = read(written(VaultAction.PUT, question(), Secret(value)))
    assert isinstance(errand, VaultRequest)
    assert (errand.action, errand.value) == (VaultAction.PUT, Secret(value))
    done = VaultResponse({REFERENCE: Secret(value)}, changed=True)
    assert read_outcome(written_outcome(done)) == done
    assert b"\n" not in written_outcome(done)


@given(line=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_no_message_is_one_failure_without_a_cause(line: bytes) -> None:
    for reader in (read, read_outcome):
        try:
            reader(line)
        except ValueError as error:
            assert (error.args, error.__context__) == ((), None)  # noqa: PT017 - most lines fail, and not all


@given(name=st.sampled_from(FIELDS), value=JSON)
def test_a_spoilt_field_is_refused_or_means_what_it_says(name: str, value: object) -> None:
    fields = json.loads(written(VaultAction.VALUES, question()))
    try:
        errand = read(json.dumps({**fields, name: value}).encode())
    except ValueError:
        return
    assert isinstance(errand, VaultRequest)
    assert errand.action is VaultAction.VALUES
    assert errand.value is None


@pytest.mark.parametrize("purpose", ["ask", "remove", "x", ""])
def test_no_value_is_asked_for_but_for_a_use_that_leases_are_looked_at_for(purpose: str) -> None:
    with pytest.raises(ValueError, match=r"^$"):
        read(written(VaultAction.VALUES, question(purpose)))


def test_a_question_is_no_errand() -> None:
    fields = json.loads(written(VaultAction.VALUES, question()))
    del fields["work"]
    assert isinstance(read(json.dumps(fields).encode()), ReceivedQuestion)


def test_nothing_prints_a_value() -> None:
    errand = read(written(VaultAction.PUT, question(), Secret("canary")))
    assert "canary" not in repr(errand)
    assert "canary" not in repr(VaultResponse({REFERENCE: Secret("canary")}))


@pytest.mark.parametrize("failure", [EntryMissing("Nothing is there."), VaultUnavailable("None.")])
def test_a_failure_comes_back_as_what_it_was(failure: TokenwardError) -> None:
    found = read_outcome(written_outcome(failure))
    assert (type(found), str(found)) == (type(failure), str(failure))
    assert read_outcome(written_outcome(Refusal.MUTE)) is Refusal.MUTE


@pytest.mark.parametrize("name", ["annotations", "Exception", "__doc__", "open", ""])
def test_a_failure_that_is_none_of_ours_is_no_message(name: str) -> None:
    assert not isinstance(getattr(errors, name, None), type) or name == "Exception"
    with pytest.raises(ValueError, match=r"^$"):
        read_outcome(json.dumps({"failure": name, "text": "x"}).encode())


def test_values_that_are_too_large_together_are_a_failure() -> None:
    answer = written_outcome(VaultResponse({REFERENCE: Secret("x" * LARGEST_ANSWER)}))
    assert len(answer) < LARGEST_ANSWER
    assert isinstance(read_outcome(answer), VaultUnavailable)
