"""`${NAME}` in a dotenv file expands as in python-dotenv, but in linear time."""

from __future__ import annotations

import time

import pytest
from dotenv.variables import Variable as DotenvVariable
from dotenv.variables import parse_variables
from hypothesis import example, given
from hypothesis import strategies as st

from tokenward.operations.run.environment import Variable, atoms

PIECES = ["${", "}", ":-", ":", "-", "$", "{", "A", "x", "\n", "${A}", "${x:-d}"]


def by_dotenv(text: str) -> list[str | Variable]:
    found = parse_variables(text)
    return [
        Variable(one.name, one.default or "")
        if isinstance(one, DotenvVariable)
        else getattr(one, "value", "")
        for one in found
    ]


@example("${A:-}}")
@example("${A:b}${B:-${A}}")
@example("${${A}")
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_value_is_taken_apart_as_python_dotenv_does_it(text: str) -> None:
    assert [atom for atom in atoms(text) if atom != ""] == by_dotenv(text)


@pytest.mark.parametrize("unit", ["${", "${:", "${:-", "${A", "${A:-x", "${A}", "$", "${A:b}"])
@pytest.mark.parametrize("end", ["", "}", ":", ":-"])
def test_no_value_takes_more_than_linear_time(unit: str, end: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit)) + end
        started = time.process_time()
        assert sum(1 for _ in atoms(text))
        return time.process_time() - started

    # Sixteen times the length in quadratic time would take 256 times as long.
    assert seconds(1_600_000) < 100 * max(seconds(100_000), 0.001)
