"""The table of the formats of settings files."""

from __future__ import annotations

from collections.abc import Mapping

from tokenward.errors import RewriteRefused
from tokenward.model import Span
from tokenward.rewriting.edits import Edit
from tokenward.rewriting.settings_files.json_settings import JsonSettings
from tokenward.rewriting.settings_files.setting_entry import (
    NOT_REMOVABLE,
    Insertion,
    SettingEntry,
    SettingsFormat,
)
from tokenward.rewriting.settings_files.toml_settings import TomlSettings
from tokenward.text import newline_of

_MARK = "\ufeff"


class LineSettings:
    """A file of lines, such as `.gitignore`; an entry is a block of lines.

    It goes to the top, so that the user's own lines have the last word.
    """

    def read(self, text: str) -> object:
        return _lines(text)

    def holds(self, text: str, entry: SettingEntry) -> bool:
        return self._find(text, entry) is not None

    def insert(self, text: str, entry: SettingEntry) -> Insertion:
        start, newline = len(_MARK) if text.startswith(_MARK) else 0, newline_of(text)
        block = "".join(f"{line}{newline}" for line in _lines(str(entry.value)))
        return Insertion(entry, 0, (Edit(Span(start, start), block),))

    def remove(self, text: str, entry: SettingEntry, made: int) -> str:  # noqa: ARG002 - nothing contains a line
        index = self._find(text, entry)
        if index is None:
            raise RewriteRefused(NOT_REMOVABLE)
        mark = _MARK if text.startswith(_MARK) else ""
        lines = text.removeprefix(mark).splitlines(keepends=True)
        return mark + "".join([*lines[:index], *lines[index + len(_lines(str(entry.value))) :]])

    def _find(self, text: str, entry: SettingEntry) -> int | None:
        lines, block = _lines(text), _lines(str(entry.value))
        starts = range(len(lines) - len(block) + 1)
        return next((start for start in starts if lines[start : start + len(block)] == block), None)


def _lines(text: str) -> list[str]:
    return text.removeprefix(_MARK).splitlines()


class WholeText:
    """A file that is wholly one entry, such as a script."""

    def read(self, text: str) -> object:
        return text

    def holds(self, text: str, entry: SettingEntry) -> bool:
        return text == entry.value

    def insert(self, text: str, entry: SettingEntry) -> Insertion:
        if text:
            raise RewriteRefused("It exists already and is not Tokenward's; move it away, then try again.")
        return Insertion(entry, 0, (Edit(Span(0, 0), str(entry.value)),))

    def remove(self, text: str, entry: SettingEntry, made: int) -> str:  # noqa: ARG002 - nothing contains it
        if text != entry.value:
            raise RewriteRefused(NOT_REMOVABLE)
        return ""


FORMATS: Mapping[str, SettingsFormat] = {
    "json": JsonSettings(),
    "toml": TomlSettings(),
    "lines": LineSettings(),
    "script": WholeText(),
}
"""By their names in the rows of agents. JSON may have comments and trailing commas."""
