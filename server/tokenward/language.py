"""Texts in the language of the editor, and counts, moments and spans of time in words.

Texts that no table has, and all in a terminal, are in English.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

TABLES = {"de": "de.toml", "zh-cn": "zh-cn.toml"}
"""The table of each language; each text in English is a key, with its names in braces."""
_CHINESE = ("zh", "zh-hans")
_table: dict[str, str] = {}
_UNITS = (
    (365.25 * 86_400, "year"),
    (30.44 * 86_400, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
)
_ENOUGH = 1.95
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def speak(locale: str | None) -> None:
    """Use the language of a locale, such as `de` or `zh-CN`, from now on; English if there is no table."""
    name = (locale or "").lower().replace("_", "-")
    name = "zh-cn" if name in _CHINESE or name.startswith("zh-hans-") else name
    file = TABLES.get(name) or TABLES.get(name.partition("-")[0])
    _table.clear()
    _table.update(table(file) if file else {})


def table(file: str) -> dict[str, str]:
    """Return the texts of a language, by their English."""
    import tomllib  # noqa: PLC0415 - commands in a terminal speak English, and start faster without

    texts = tomllib.loads((Path(__file__).parent / "languages" / file).read_text("utf-8"))
    return {english: str(text) for english, text in texts.items()}


def said(text: str, /, **values: object) -> str:
    """Return a text in the editor's language, with the values of the names in its braces."""
    chosen = _table.get(text, text)
    return chosen.format(**values) if values else chosen


def phrase(text: str) -> str:
    """Return a text unchanged; it is passed to `said` when it is shown, so each table has it."""
    return text


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as `1 token` or `2,000 tokens`."""
    return said(f"{{count}} {noun}{'' if count == 1 else 's'}", count=f"{count:,}")


def exposed(tokens: int, places: int) -> str:
    """Return how many tokens are exposed, and in how many places if those are more: `6 tokens (11 places)`."""
    words = counted(tokens, "token") if tokens else said("no tokens")
    return words if places == tokens else f"{words} ({counted(places, 'place')})"


def either(names: Sequence[str]) -> str:
    """Return alternatives for a sentence, such as `a, b or c`."""
    first = ", ".join(names[:-1])
    return said("{names} or {last}", names=first, last=names[-1]) if first else names[0]


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Return names for a sentence, such as `a, b and c`; of more than `most`, the rest is a number."""
    named = list(names[:most])
    if len(names) > len(named):
        named.append(said("{count} more", count=f"{len(names) - len(named):,}"))
    first = ", ".join(named[:-1])
    return said("{names} and {last}", names=first, last=named[-1]) if first else "".join(named)


def moment(time: float) -> str:
    """Return a time in seconds since 1970 as a text such as `2026-11-25 at 15:00 UTC`."""
    try:
        at = _EPOCH + timedelta(seconds=time)
    except OverflowError:
        return said("a day that no calendar has")
    return said("{day} at {time} UTC", day=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}")


def span(seconds: float) -> str:
    """Return a duration such as `3 hours`, in the largest unit of which there are two or more."""
    for unit, noun in _UNITS:
        if seconds / unit > _ENOUGH or (noun == "minute" and seconds / unit >= 1):
            return counted(round(seconds / unit), noun)
    return said("less than a minute")


def ago(time: float, now: float) -> str:
    """Return a past time such as `2 days ago, on 2026-11-23 at 15:00 UTC`."""
    return said("{span} ago, on {moment}", span=span(now - time), moment=moment(time))


def ahead(time: float, now: float) -> str:
    """Return a future time such as `in 3 hours, on 2026-11-25 at 15:00 UTC`."""
    return said("in {span}, on {moment}", span=span(time - now), moment=moment(time))
