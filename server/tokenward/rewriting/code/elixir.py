"""Elixir: `System.fetch_env!("NAME")` replaces a string or a part of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE, QUOTED, CodeGrammar, Quotes
from tokenward.rewriting.literal import Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step, last_word, operator_of

_HOLE = ("#{", "}")
_FUNCTIONS = {"def", "defp"}
_RUN_LATER = {*_FUNCTIONS, "setup", "setup_all", "test"}
_MATCHING = {"assert_receive", "assert_received", "match?", "refute_receive", "refute_received"}


class ElixirSyntax(CodeSyntax):
    """A module, which is compiled before it runs."""

    compiled: ClassVar[frozenset[str]] = frozenset(
        {"defimpl", "defmacro", "defmacrop", "defmodule", "defprotocol", "quote"}
    )
    """What runs at compile time."""
    grammar = CodeGrammar(
        name="elixir",
        files=r"[^/]*\.ex",
        ids="elixir",
        comment="#",
        strings={
            "string": (
                Quotes('"""', '"""', Form(DOUBLE_ESCAPE, "double"), _HOLE),
                Quotes('"', '"', Form(DOUBLE_ESCAPE, "double"), _HOLE),
            )
        },
        parts=frozenset({"quoted_content", "escape_sequence"}),
        places=(
            "access_call.key arguments binary_operator block body do_block interpolation list map_content pair.value "
            "source tuple unary_operator"
        ),
        refused={"stab_clause.left": "a pattern"},
        lookup='System.fetch_env!("NAME")',
        readings=(rf"(?<!\w)System\s*\.\s*(?:fetch_env!?|get_env)\s*\(?\s*{QUOTED}",),
        names="",
        stops=frozenset(),
        root="System",
        root_kinds=frozenset({"alias"}),
        sets=re.compile(r"System\.put_env"),
        eager=re.compile(r"(?:Application|Keyword|Map|System)\.(?:get|get_env|pop)\s*"),
    )

    def reads_root(self, path: Sequence[Step]) -> bool:
        """Return whether a module's name is Elixir's, or a longer one that no alias shortens."""
        if self.source(path[-1].node) == self.grammar.root:
            return path[-2].kind == "dot"
        return "alias" not in {self._target(step) for step in path}

    def adapted(self, path: Sequence[Step], literal: Literal) -> Literal:
        """Refuse a string that is read at compile time or matched."""
        targets = [target for step in path if (target := self._target(step)) in _RUN_LATER | self.compiled]
        if targets and targets[-1] in self.compiled:
            raise RewriteRefused(
                "The token is in code that may run when the program is compiled; set it in config/runtime.exs, and "
                "move it there."
            )
        if any(self._target(step) in _MATCHING for step in path) or self._is_pattern(path):
            raise refuse("a pattern")
        return literal

    def assigned(self, span: Span) -> str | None:
        if name := super().assigned(span):
            return name
        path = self.path(span)
        for parent, step in zip(path[-2::-1], path[:0:-1], strict=True):
            left = parent.node.child_by_field_name("left" if step.field == "right" else "key")
            if left and (parent.kind == "pair" or operator_of(parent.node) in {"=", "=>"}):
                return last_word(self.source(left).rstrip(": "))
            if parent.kind == "unary_operator":
                return self._target(step)
            if step.kind in {"call", "do_block"}:
                return None
        return None

    def _target(self, step: Step) -> str | None:
        """Return the name of the function that a node calls."""
        target = step.node.child_by_field_name("target") if step.kind == "call" else None
        return self.source(target) if target else None

    def _is_pattern(self, path: Sequence[Step]) -> bool:
        """Return whether a string is matched: left of an operator, or in a function's head but not as a default."""
        sides = [(operator_of(parent.node), step.field) for parent, step in pairwise(path)]
        if ("=", "left") in sides or ("<-", "left") in sides:
            return True
        at = next((at for at in range(len(path) - 1, 0, -1) if self._target(path[at]) in _FUNCTIONS), 0)
        in_head = at > 0 and path[at + 1].kind == "arguments" and path[at + 2].kind != "keywords"
        return in_head and ("\\\\", "right") not in sides[at:]


class ElixirScriptSyntax(ElixirSyntax):
    """A script, which is compiled whenever it runs."""

    compiled = frozenset()
    grammar = replace(ElixirSyntax.grammar, name="elixir_script", files=r"[^/]*\.exs", ids="")
