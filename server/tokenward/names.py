"""Every string that a client also knows."""

SERVER_NAME = "tokenward"
DIAGNOSTIC_SOURCE = "tokenward"
SETTINGS_SECTION = "tokenward"

# The VS Code client registers each command that the server announces, so an extension's own commands
# (`tokenward.restart` …) must not share this prefix.
COMMAND_MOVE = "tokenward.server.move"
COMMAND_IGNORE = "tokenward.server.ignore"
COMMAND_ALLOW = "tokenward.server.allow"
COMMAND_SCAN = "tokenward.server.scan"
COMMAND_CHECK = "tokenward.server.check"
COMMAND_REVOKE = "tokenward.server.revoke"
COMMAND_PAGE = "tokenward.server.openPage"

# A request from the server to a client that can ask its user for a hidden text. The client says so by
# `capabilities.experimental.tokenward.passphrase: true`.
METHOD_PASSPHRASE = "tokenward/passphrase"  # noqa: S105

REFERENCE_SCHEME = "keyring"
ALLOW_COMMENT = "tokenward:allow"
ALLOW_NEXT_LINE_COMMENT = "tokenward:allow-next-line"
