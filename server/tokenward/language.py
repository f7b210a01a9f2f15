"""Texts in the language of the editor; texts that no table has, and all in a terminal, are in English."""

from __future__ import annotations

from pathlib import Path

TABLES = {"de": "de.toml", "zh-cn": "zh-cn.toml"}
"""The table of each language; each text in English is a key, with its names in braces."""
_CHINESE = ("zh", "zh-hans")
_table: dict[str, str] = {}


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
