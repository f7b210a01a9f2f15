"""In a long text, a token gets the same rewrite if only the lines around it are read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import up_to
from rewriting.moving import REFERENCE, filled, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting import excerpt as module
from tokenward.rewriting.excerpt import excerpt
from tokenward.rewriting.languages import language_of
from tokenward.rewriting.rewrite import plan_rewrite

# By file: the lines before the others, a line without a token, one with it, and the lines after them.
FILES = {
    "app.py": ("import os\ndef f():\n", "    x = g(1)", "    k = 'T0K'", ""),
    "app.js": ("class A {\n  f() {\n", "    x = g(1);", '    k = "T0K";', "  }\n}\n"),
    "app.ts": ("function f() {\n", "  const x = g(1);", '  const k = "T0K";', "}\n"),
    "app.tsx": ("function f() {\n", "  const x = g(1);", '  const k = "T0K";', "}\n"),
    "main.go": ('package a\n\nimport "os"\n\nfunc f() {\n', "\tx := g(1)", '\tk := "T0K"', "}\n"),
    "main.rs": ("fn f() {\n", "    let x = g(1);", '    let k = "T0K";', "}\n"),
    "A.java": ("class A {\n  void f() {\n", "    int x = g(1);", '    String k = "T0K";', "  }\n}\n"),
    "a.kt": ("fun f() {\n", "    val x = g(1)", '    val k = "T0K"', "}\n"),
    "A.cs": ("class A {\n  void F() {\n", "    int x = G(1);", '    string k = "T0K";', "  }\n}\n"),
    "a.rb": ("def f\n", "  x = g(1)", '  k = "T0K"', "end\n"),
    "a.php": ("<?php\nfunction f() {\n", "  $x = g(1);", '  $k = "T0K";', "}\n"),
    "a.sh": ("f() {\n", "  x=$(g 1)", '  k="T0K"', "}\n"),
    "a.fish": ("function f\n", "  set x 1", '  set k "T0K"', "end\n"),
    "a.scala": ("object A {\n", "  val x = g(1)", '  val k = "T0K"', "}\n"),
    "a.swift": ("func f() {\n", "  let x = g(1)", '  let k = "T0K"', "}\n"),
    "a.dart": ("void f() {\n", "  var x = g(1);", '  var k = "T0K";', "}\n"),
    "a.lua": ("function f()\n", "  x = g(1)", '  k = "T0K"', "end\n"),
    "a.pl": ("sub f {\n", "  $x = g(1);", '  $k = "T0K";', "}\n"),
    "a.ex": ("defmodule A do\n  def f do\n", "    x = g(1)", '    k = "T0K"', "  end\nend\n"),
    "a.ps1": ("function f {\n", "  $x = 1", '  $k = "T0K"', "}\n"),
    "a.jl": ("function f()\n", "  x = g(1)", '  k = "T0K"', "end\n"),
    "a.R": ("f <- function() {\n", "  x <- g(1)", '  k <- "T0K"', "}\n"),
    "Makefile": ("", "x = 1", "k = T0K", ""),
    "Dockerfile": ("FROM a\n", "RUN g 1", "ENV K=T0K", ""),
    ".env": ("", 'X="1"', "K=T0K", ""),
    "application.properties": ("", "x=1", "k=T0K", ""),
    ".npmrc": ("", "x=1", "//example.com/:_authToken=T0K", ""),
    "compose.yaml": ("services:\n  a:\n    environment:\n", '      X: "1"', "      K: T0K", ""),
    ".mcp.json": (
        '{\n  "mcpServers": {\n    "a": {\n      "command": "b",\n      "env": {\n',
        '        "X": "1",',
        '        "K": "T0K",',
        '        "Z": ""\n      }\n    }\n  }\n}\n',
    ),
    "a.ipynb": (
        '{\n "cells": [\n',
        '  {"cell_type": "code", "source": ["x <- 1"]},',
        '  {\n   "cell_type": "code",\n   "source": [\n    "f(\\n",\n'
        + '    "1,\\n",\n' * 30
        + '    "k = \\"T0K\\")"\n   ]\n  },',
        '  {}\n ],\n "metadata": {\n  "kernelspec": {\n   "language": "R"\n  }\n }\n}\n',
    ),
    "Settings.toml": ("[default]\n", "x = 1", 'k = "T0K"', ""),
    "pipfile": ('[[source]]\nname = "a"\n', "x = 1", 'url = "https://u:T0K@example.com/simple"', ""),
}


def outcome(name: str, text: str, nth: int) -> tuple[object, ...] | str:
    """Return what a title says, and what is stored."""
    language = language_of(name, None, text)
    assert language is not None
    try:
        found = plan_rewrite(text, language, [spans_of(text)[nth]], REFERENCE)
    except RewriteRefused as error:
        return str(error)
    return found.value, found.look_up, found.after, found.needs_environment, found.asks_helper


@pytest.mark.parametrize("name", FILES)
def test_a_token_gets_the_rewrite_that_it_gets_in_the_whole_text(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONG", 0)
    head, other, token, tail = FILES[name]
    lines = [*head.splitlines(), *[other] * 300, filled(token), *[other] * 300, *tail.splitlines(), ""]
    text = "\n".join(lines)
    place = text.count("\n", 0, spans_of(text)[0].start)
    part = excerpt(text, [range(place, place + 1)])
    assert part is not None
    assert part.count("\n") == text.count("\n")
    assert sum(map(bool, part.split("\n"))) < 120
    assert outcome(name, part, 0) == outcome(name, text, 0)


@given(st.data())
@settings(max_examples=up_to(300), deadline=None)
def test_every_line_is_kept_or_empty_and_those_around_a_place_are_kept(data: st.DataObject) -> None:
    line = st.sampled_from(["", "a", "  a", "\tb", "    }", "  }", "}", "[a]", "      c", "  \u00e9"])
    lines = data.draw(st.lists(line, min_size=10, max_size=200))
    place = data.draw(st.integers(0, len(lines) - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LONG", 0)
        patch.setattr(module, "HEAD", 1)
        patch.setattr(module, "AROUND", 2)
        part = excerpt("\n".join(lines), [range(place, place + 1)])
    if part is None:
        return
    kept = part.split("\n")
    assert len(kept) == len(lines)
    assert all(one in {"", two} for one, two in zip(kept, lines, strict=True))
    around = slice(max(0, place - 2), place + 3)
    assert kept[around] == lines[around]


@pytest.mark.parametrize(
    ("lines", "place", "shown"),
    [
        (["class A:", "  x", "  def f():", "    y", "    T", "    y", "  z"], 4, ["class A:", "  def f():", "    T"]),
        (["[a]", "b = 1", "[c]", "d = 1", "T", "e = 1"], 4, ["[c]", "T"]),
        (["{", ' "a": {', '  "b": 1,', "  T", '  "c": 1', " }", "}"], 3, ["{", ' "a": {', "  T", " }", "}"]),
        (["a:", "  b:", "", "    T", "  c:", "d:"], 3, ["a:", "  b:", "    T"]),
    ],
)  # fmt: skip
def test_the_lines_that_enclose_a_place_are_kept(
    lines: list[str], place: int, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LONG", "HEAD", "AROUND"):
        monkeypatch.setattr(module, name, 0)
    part = excerpt("\n".join([*lines, *[""] * 9]), [range(place, place + 1)])
    assert part is not None
    assert [line for line in part.split("\n") if line] == shown


def test_a_short_text_and_one_full_of_tokens_are_read_whole() -> None:
    assert excerpt("a\n" * (module.LONG // 2 - 1), [range(1)]) is None
    assert excerpt("a\n" * module.LONG, [range(module.LONG)]) is None
