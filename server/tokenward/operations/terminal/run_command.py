"""Runs a command as the system can: with its output as it is or through filters, at a terminal or through pipes."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from tokenward.operations.terminal.windows_command import run_filtered, run_unfiltered
else:
    from tokenward.operations.terminal.posix_command import run_filtered, run_unfiltered

__all__ = ["run_filtered", "run_unfiltered"]
