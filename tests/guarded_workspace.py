"""What the workspace of an agent holds in tests of its hooks."""

from __future__ import annotations

import tokens
from tokenward.model import Reference

STORED = Reference("acme-api", "STORED")
STORED_VALUE = tokens.npm("stored")
PASSWORD = Reference("acme-api", "PASSWORD")
PASSWORD_VALUE = "correct horse battery"
PROGRAM = "/opt/tokenward/bin/tokenward"
