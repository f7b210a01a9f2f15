"""A NUL hides no part of a file that programs read as text."""

from __future__ import annotations

import pytest

from tokenward.sources.is_text import SNIFFED, is_text

CODE = b"// \0\nx = 1\n"


@pytest.mark.parametrize("name", ["a.js", "src/A.PY", "b/.env", "logs/x.log", "a.tar.json", "id_rsa"])
def test_a_file_that_programs_read_as_text_is_one_whatever_it_holds(name: str) -> None:
    assert is_text(name, CODE)


@pytest.mark.parametrize("name", ["a.png", "a", "js", "b/py/x.so", "a.js/x"])
def test_any_other_file_with_a_nul_is_none(name: str) -> None:
    assert not is_text(name, CODE)
    assert is_text(name, CODE.replace(b"\0", b""))


def test_a_script_is_known_by_its_first_line() -> None:
    assert is_text("run", b"#!/bin/sh\n# \0\n")


def test_a_nul_far_down_makes_no_text_a_binary() -> None:
    assert is_text("data.bin", b"x" * SNIFFED + b"\0")
