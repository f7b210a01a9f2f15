"""The names that a token's place and provider suggest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePosixPath
from typing import NamedTuple

from tokenward.detection.detection import Detection
from tokenward.errors import RewriteRefused
from tokenward.operations.move.profiles import names_for_one_profile, require_own_entry
from tokenward.operations.token_names import is_fit, repeats
from tokenward.rewriting.languages import Language
from tokenward.rewriting.naming import address_variable, environment_name, keys_at, name_choices, names_secret
from tokenward.sources.source import Source
from tokenward.token_prefixes import is_token_name

ENVIRONMENT = "dotenv"
"""The language of environment files."""
_MODE = re.compile(r"\.env\.([A-Za-z]\w*)")
_ADDRESS = re.compile(r"\w{1,20}(?:\+\w{1,20})?://")


class NameChoices(NamedTuple):
    """Names for a token.

    Attributes:
        preferred: chosen even if the value already has another name.
        choices: the others, best first.
        fixed: the only one that works; None if others work.
    """

    preferred: list[str]
    choices: list[str]
    fixed: str | None = None

    @classmethod
    def of(
        cls,
        language: Language,
        source: Source,
        places: Sequence[Detection],
        suggested: str | None,
        values: Sequence[str],
    ) -> NameChoices:
        """Return the names for the token at some places; none repeats a part of a value, given the values' letters.

        Raises:
            RewriteRefused: the places need different names, or one that contains a token.
        """
        parsed = language.read(source.text)
        fallback = parsed.fallback(places[0].span)
        fixed = {name for place in places if (name := parsed.variable(place.span))}
        if len(fixed) > 1:
            raise RewriteRefused(
                "The token is in places that read different variables; move them one by one."
            )
        if not all(is_fit(name, values) for name in fixed):
            raise RewriteRefused(
                "The program reads this value from a variable whose name contains a token, and names are recorded; "
                "rename the variable, then move the token."
            )
        if fixed:
            require_own_entry(language, source, places[0].span)
            return cls([*fixed], [*fixed], *fixed)
        if suggested and is_token_name(suggested) and not repeats(suggested, values):
            return cls([], [suggested])
        preferred = [fallback] if fallback and is_fit(fallback, values) else []
        choices = suggested_names(language, source, places[0], values)
        own = names_for_one_profile(language, source, places[0].span, choices)
        return cls(preferred, [name for name in own if is_fit(name, values)] or choices)


def suggested_names(
    language: Language | None, source: Source, token: Detection, values: Sequence[str]
) -> list[str]:
    """Return the names that a token's place and provider suggest, best first; none repeats a part of a value."""
    span, variable = token.span, token.provider.variable
    if language is not None:
        # Where a variable replaces a whole value, all of that is stored.
        with suppress(RewriteRefused):
            span = language.read(source.text).extent(span)
    keys = keys_at(source.text, language, span) if language else ()
    if _ADDRESS.match(source.text, span.start, token.span.start):
        variable = address_variable(source.text[span.start : token.span.start])
        keys = keys if keys and environment_name(keys[-1]) else (*keys[:-1], variable)
    elif token.name and not (keys and names_secret(keys[-1])):
        keys = (*keys, token.name)
    found = list(name_choices(keys, source.name, variable))
    if language is not None and language.name == ENVIRONMENT and len(keys) == 1:
        # There, the key is the variable, unless the token is only a part of its value.
        mode = _MODE.match(PurePosixPath(source.name).name)
        own = [keys[-1], f"{keys[-1]}_{mode[1]}"] if mode else [keys[-1]]
        found = [*filter(None, map(environment_name, own)), *found]
    names = [name for name in found if is_token_name(name) and not repeats(name, values)]
    return names or [token.provider.variable]
