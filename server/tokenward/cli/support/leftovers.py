"""Removes what interrupted commands left behind, before the next one starts."""

from __future__ import annotations

import contextlib
import os

from tokenward.cli.support.terminal import note
from tokenward.errors import SettingsError
from tokenward.places import Places


def remove_leftovers() -> None:
    """Remove the remains of interrupted writes, which are rare; a failure to do so stops no verb."""
    with contextlib.suppress(SettingsError, OSError):
        notes = Places.of_user().writes
        if os.listdir(notes):  # noqa: PTH208 - its entries are not needed
            from tokenward.operations.files.writes_under_way import clear_up

            for sentence in clear_up(notes):
                note(sentence)
