"""A record behaves like a standard frozen data class."""

from __future__ import annotations

import builtins
import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward import fast_dataclasses
from tokenward.model import Span

VALUES = st.integers(0, 2) | st.sampled_from(["", "a", None])


def pair(decorator: Callable[..., Any]) -> tuple[type, type]:
    """Return the same two classes, the second of which is derived and has all kinds of fields."""

    @decorator(frozen=True, slots=True)
    class Base:
        first: object
        hidden: object = field(repr=False, default=1)

        @property
        def double(self) -> object:
            return (self.first, self.first)

    @decorator(frozen=True, slots=True)
    class Derived(Base):
        """Has all kinds of fields."""

        made: list[int] = field(default_factory=list, compare=False)
        last: object = None

        def __post_init__(self) -> None:
            if self.last == "refused":
                raise ValueError(self.last)

    return Base, Derived


STANDARD, RECORDS = pair(dataclasses.dataclass), pair(fast_dataclasses.dataclass)


def state(kind: type, given: dict[str, Any]) -> Any:
    """Return what an instance shows of itself, or the error without it."""
    try:
        made = kind(**given)
    except (TypeError, ValueError) as error:
        return type(error)
    return (
        repr(made),
        dataclasses.asdict(made),
        made.double,
        made == kind(**given),
        hash(made) == hash(kind(**given)),
    )


NAMES = ("first", "hidden", "made", "last", "unknown")


@given(given=st.dictionaries(st.sampled_from(NAMES), VALUES | st.just("refused")), which=st.integers(0, 1))
def test_a_record_is_made_shown_and_compared_like_a_data_class(given: dict[str, Any], which: int) -> None:
    assert state(RECORDS[which], given) == state(STANDARD[which], given)


@given(st.lists(VALUES, min_size=4, max_size=4), st.integers(0, 1), st.integers(0, 1))
def test_two_records_are_equal_where_data_classes_are(values: list[Any], one: int, other: int) -> None:
    equal = [
        kinds[one](values[0], values[1]) == kinds[other](values[2], values[3])
        for kinds in (STANDARD, RECORDS)
    ]
    assert equal[0] == equal[1]


def test_a_field_that_is_not_shown_is_in_no_text() -> None:
    made = RECORDS[1]("shown", "secret", [1], "last")
    assert repr(made) == f"{RECORDS[1].__qualname__}(first='shown', made=[1], last='last')"


def test_a_record_keeps_its_values() -> None:
    made = RECORDS[1](1)
    for change in (
        lambda: setattr(made, "first", 2),
        lambda: delattr(made, "first"),
        lambda: setattr(made, "new", 2),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert dataclasses.replace(made, last=3) == RECORDS[1](1, last=3)
    assert made.made is not RECORDS[1](1).made
    assert not hasattr(made, "__dict__")
    assert vars(RECORDS[1])["__match_args__"] == vars(STANDARD[1])["__match_args__"]


def test_a_record_can_be_copied_and_sent_to_a_process() -> None:
    made = Span(1, 2)
    assert pickle.loads(pickle.dumps(made)) == copy.copy(made) == copy.deepcopy(made) == made


@given(st.lists(st.tuples(st.integers(), st.text()), min_size=1))
def test_ordered_records_are_sorted_like_their_values(values: list[tuple[int, str]]) -> None:
    @fast_dataclasses.dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        number: int
        text: str

    made = sorted(Ordered(*value) for value in values)
    assert list(map(dataclasses.astuple, made)) == sorted(values)
    with pytest.raises(TypeError):
        _ = made[0] < values[0]  # type: ignore[operator]


def test_a_class_with_methods_of_its_own_keeps_them() -> None:
    @fast_dataclasses.dataclass(frozen=True, slots=True)
    class Own:
        value: int

        def __repr__(self) -> str:
            return "own"

        def __eq__(self, _: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert (repr(Own(1)), Own(1) == Own(2), hash(Own(3))) == ("own", True, 7)


def test_nothing_is_compiled_for_a_class_before_its_first_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    execute = builtins.exec

    def record(source: object, *rest: Any) -> None:
        compiled.append(source)
        execute(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "exec", record)
    _, derived = pair(fast_dataclasses.dataclass)
    assert compiled == []
    for _ in range(2):
        derived(1)
    assert len(compiled) == 1


def test_a_class_compiled_in_advance_is_the_same() -> None:
    standard, records = pair(dataclasses.dataclass), pair(fast_dataclasses.dataclass)
    fast_dataclasses.compile_all()
    for values in ({"first": 1}, {"first": 1, "last": "refused"}, {}):
        assert state(records[1], values) == state(standard[1], values)


def test_an_own_init_is_kept() -> None:
    @fast_dataclasses.dataclass(frozen=True, slots=True)
    class Own:
        first: int

        def __init__(self) -> None:
            object.__setattr__(self, "first", 7)

    fast_dataclasses.compile_all()
    assert Own().first == 7
