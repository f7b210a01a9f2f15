"""Every string that clients share."""

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
COMMAND_LEASE = "tokenward.server.lease"
COMMAND_STORE = "tokenward.server.store"
COMMAND_FIND = "tokenward.server.find"
COMMAND_FORGET = "tokenward.server.forget"
COMMAND_RENAME = "tokenward.server.rename"
COMMAND_DELETE = "tokenward.server.delete"

# A request from the server to a client that can ask its user for a hidden text. The client says so by
# `capabilities.experimental.tokenward.passphrase: true`.
METHOD_PASSPHRASE = "tokenward/passphrase"  # noqa: S105

# A client's terminal output, sent to the server, and the text that reports the tokens in it.
METHOD_TERMINAL_DATA = "tokenward/terminal/data"
METHOD_TERMINAL_END = "tokenward/terminal/end"
METHOD_TRANSCRIPT = "tokenward/terminal/transcript"
# Sent to a client with the capability `experimental.tokenward.terminal: true` and, for the second,
# `experimental.tokenward.clearTerminal: true`.
METHOD_TRANSCRIPT_CHANGED = "tokenward/terminal/changed"
METHOD_CLEAR_TERMINAL = "tokenward/terminal/clear"
TERMINAL_SCHEME = "tokenward-terminal"

# The stored tokens of the open folders, for a client that lists them; the second goes to a client with the
# capability `experimental.tokenward.tokens: true`.
METHOD_TOKENS = "tokenward/tokens"
METHOD_TOKENS_CHANGED = "tokenward/tokens/changed"
METHOD_REPORT = "tokenward/report"

# Notifies a client with the capability `experimental.tokenward.looked: true` that the scan of an open folder has ended.
METHOD_LOOKED = "tokenward/looked"

# Whether a text to be pasted holds tokens, and the text to paste in its place.
METHOD_PASTE = "tokenward/paste"
METHOD_PASTE_STORE = "tokenward/paste/store"

# The environment of a program to be debugged, with its references resolved.
METHOD_LAUNCH = "tokenward/launch"

# Requests from the server to a client that stores tokens for it: `experimental.tokenward.secretStorage: true`.
METHOD_SECRET_GET = "tokenward/secretStorage/get"  # noqa: S105
METHOD_SECRET_STORE = "tokenward/secretStorage/store"  # noqa: S105
METHOD_SECRET_DELETE = "tokenward/secretStorage/delete"  # noqa: S105

REFERENCE_SCHEME = "keyring"
ALLOW_COMMENT = "tokenward:allow"
ALLOW_NEXT_LINE_COMMENT = "tokenward:allow-next-line"
