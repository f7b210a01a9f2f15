"""MacroSyntax: a lookup replaces a string that is a whole C macro."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenward.model import Reference, Span
from tokenward.rewriting.code.code_syntax import CodeSyntax
from tokenward.rewriting.code.grammar import DOUBLE_ESCAPE
from tokenward.rewriting.literal import Joint, Literal, refuse
from tokenward.rewriting.spelling import Form
from tokenward.rewriting.syntax import Step

MACRO = "preproc_arg"
"""The kind of a macro's content, which the grammar does not parse."""

_STRING = re.compile(r'"([^"\\\r\n]*)"\s*(?://[^\r\n]*|/\*[^*]*\*/\s*)?')


class MacroSyntax(CodeSyntax):
    """A file of a language with C's preprocessor."""

    def special_literal(self, path: Sequence[Step], span: Span, reference: Reference) -> Literal | None:
        """Return the literal of a macro.

        Raises:
            RewriteRefused: it is used where no lookup works, or only by other files.
        """
        name = path[-2].node.child_by_field_name("name") if path[-1].kind == MACRO else None
        value = _STRING.fullmatch(self.source(path[-1].node)) if name else None
        if name is None or value is None:
            return None
        start = self.span(path[-1].node).start
        content = Span(start + value.start(1), start + value.end(1))
        if span != content:
            raise refuse("a part of a string")
        whole = Span(content.start - 1, content.end + 1)
        filling = self.filling(path, reference.name)
        literal = Literal(
            whole, whole, content, Form(DOUBLE_ESCAPE, "double"), filling, Joint(), in_environment=True
        )
        uses = list(self.uses(name))
        if not uses:
            raise refuse("a macro that other files may use")
        for use in uses:
            if self.constant(use):
                raise refuse("a macro that the compiler evaluates")
            self.check_place(use)
            self.adapted(use, literal)
        return literal
