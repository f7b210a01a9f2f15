"""The table of the formats of settings files."""

from __future__ import annotations

from collections.abc import Mapping

from tokenward.rewriting.settings_files.json_settings import JsonSettings
from tokenward.rewriting.settings_files.line_settings import LineSettings, WholeText
from tokenward.rewriting.settings_files.setting_entry import SettingsFormat
from tokenward.rewriting.settings_files.toml_settings import TomlSettings

FORMATS: Mapping[str, SettingsFormat] = {
    "json": JsonSettings(),
    "toml": TomlSettings(),
    "lines": LineSettings(),
    "script": WholeText(),
}
"""By their names in the rows of agents. JSON may have comments and trailing commas."""
