"""Every string that a client also knows."""

SERVER_NAME = "tokenward"
DIAGNOSTIC_SOURCE = "tokenward"
SETTINGS_SECTION = "tokenward"

# Generated from protocol.json by `make protocol`.
COMMAND_MOVE = "tokenward.server.move"
COMMAND_MOVE_ALL = "tokenward.server.moveAll"
COMMAND_STORE_ASIDE = "tokenward.server.storeAside"
COMMAND_IGNORE = "tokenward.server.ignore"
COMMAND_IGNORE_IN_WORKSPACE = "tokenward.server.ignoreInWorkspace"
COMMAND_CHECK = "tokenward.server.check"
COMMAND_REVOKE = "tokenward.server.revoke"
COMMAND_PAGE = "tokenward.server.openPage"
COMMAND_LEASE = "tokenward.server.lease"
COMMAND_STORE = "tokenward.server.store"
COMMAND_FIND = "tokenward.server.find"
COMMAND_FORGET = "tokenward.server.forget"
COMMAND_RENAME = "tokenward.server.rename"
COMMAND_DELETE = "tokenward.server.delete"
COMMAND_SCAN = "tokenward.server.scan"
METHOD_TOKENS = "tokenward/tokens"
METHOD_TOKENS_CHANGED = "tokenward/tokens/changed"
METHOD_TOKENS_REPLACE = "tokenward/tokens/replace"
METHOD_REPORT = "tokenward/report"
METHOD_PASSPHRASE = "tokenward/passphrase"  # noqa: S105
METHOD_SECRET_GET = "tokenward/secretStorage/get"  # noqa: S105
METHOD_SECRET_STORE = "tokenward/secretStorage/store"  # noqa: S105
METHOD_SECRET_DELETE = "tokenward/secretStorage/delete"  # noqa: S105
METHOD_TERMINAL_DATA = "tokenward/terminal/data"
METHOD_TERMINAL_END = "tokenward/terminal/end"
METHOD_TRANSCRIPT = "tokenward/terminal/transcript"
METHOD_TRANSCRIPT_CHANGED = "tokenward/terminal/changed"
METHOD_CLEAR_TERMINAL = "tokenward/terminal/clear"
METHOD_LOOKED = "tokenward/looked"
METHOD_PASTE = "tokenward/paste"
METHOD_PASTE_STORE = "tokenward/paste/store"
METHOD_LAUNCH = "tokenward/launch"
# End of the generated part.

TERMINAL_SCHEME = "tokenward-terminal"
REFERENCE_SCHEME = "keyring"
IGNORE_COMMENT = "tokenward:ignore"
IGNORE_NEXT_LINE_COMMENT = "tokenward:ignore-next-line"
