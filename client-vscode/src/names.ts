/** Strings that the server or `package.json` also contains. */

export const CLIENT_NAME = "Tokenward";
export const REFERENCE_PREFIX = "keyring://";
export const SETTINGS_SECTION = "tokenward";
export const DIAGNOSTIC_SOURCE = "tokenward";
// The settings that the server asks for; the others in the section belong to the extension.
export const SERVER_SETTINGS: readonly string[] = [
  "enabled",
  "scanWorkspace",
  "vault",
  "keyringTimeout",
  "maxDocumentBytes",
  "maxFileBytes",
  "genericTokens",
  "include",
  "exclude",
  "logFiles",
  "watchTranscripts",
  "followSymlinks",
  "envFile",
  "workspaceName",
  "expiryHints",
  "codeLenses",
  "logLevel",
];
export const SETTING_SERVER_PATH = "server.path";
export const SETTING_SERVER_PYTHON = "server.python";
export const SETTING_HIDE_TOKENS = "hideTokens";
export const SETTING_WATCH_TERMINALS = "terminal.watch";
export const DEFAULT_SERVER = "tokenward";
export const SERVER_ARGUMENTS: readonly string[] = ["server"];
export const SERVER_VARIABLE = "TOKENWARD_SERVER";

// The client library registers each command that the server announces; their ids begin with this prefix. Registering an
// id twice fails, so no command of the extension may begin with it.
export const SERVER_COMMAND_PREFIX = "tokenward.server.";

export const COMMAND_SCAN = "tokenward.scanWorkspaceAgain";
export const COMMAND_RESTART = "tokenward.restart";
export const COMMAND_SHOW_OUTPUT = "tokenward.showOutput";
export const COMMAND_SHOW_TOKENS = "tokenward.showTokens";
export const COMMAND_HIDE_TOKENS = "tokenward.hideTokens";
export const COMMAND_UNHIDE_TOKENS = "tokenward.unhideTokens";
export const COMMAND_SHOW_REPORT = "tokenward.showReport";
export const COMMAND_OPEN_TERMINAL = "tokenward.openTerminal";
export const COMMAND_GET_STARTED = "tokenward.getStarted";
export const COMMAND_GROUP_BY_FILE = "tokenward.groupByFile";
export const COMMAND_GROUP_BY_TOKEN = "tokenward.groupByToken";
export const COMMAND_REFRESH_TOKENS = "tokenward.refreshTokens";
export const COMMAND_MOVE_TOKEN = "tokenward.moveToken";
export const COMMAND_IGNORE_TOKEN = "tokenward.ignoreToken";
export const COMMAND_CHECK_FINDING = "tokenward.checkFinding";
export const COMMAND_REVOKE_FINDING = "tokenward.revokeFinding";
export const COMMAND_OPEN_BESIDE = "tokenward.openBeside";
export const COMMAND_MOVE_ALL_IN_FILE = "tokenward.moveAllInFile";
export const COMMAND_MOVE_ALL_IN_WORKSPACE = "tokenward.moveAllInWorkspace";
export const COMMAND_STORE_TOKEN = "tokenward.storeToken";
export const COMMAND_SHOW_MENU = "tokenward.showMenu";
export const COMMAND_HOW_TO_RUN = "tokenward.howToRun";
export const COMMAND_RUN_DOCTOR = "tokenward.runDoctor";
export const COMMAND_OPEN_SETTINGS = "tokenward.openSettings";
export const COMMAND_COPY_REFERENCE = "tokenward.copyReference";
export const COMMAND_RENAME_TOKEN = "tokenward.renameToken";
export const COMMAND_REPLACE_TOKEN = "tokenward.replaceToken";
export const COMMAND_DELETE_TOKEN = "tokenward.deleteToken";
export const COMMAND_SHOW_AGENTS = "tokenward.showAgents";
export const COMMAND_REFRESH_AGENTS = "tokenward.refreshAgents";
export const COMMAND_PROTECT_AGENTS = "tokenward.protectAgents";
export const COMMAND_UNDO_AGENTS = "tokenward.undoAgents";
export const COMMAND_CHECK_AGENTS = "tokenward.checkAgents";
export const COMMAND_REVOKE_SEEN = "tokenward.revokeSeen";
export const COMMAND_COPY_FOR_AI = "tokenward.copyForAi";
export const COMMAND_CHECK_TOKEN = "tokenward.checkToken";
export const COMMAND_REVOKE_TOKEN = "tokenward.revokeToken";

export const VIEW_FINDINGS = "tokenward.findings";
export const VIEW_STORED = "tokenward.stored";
export const VIEW_AGENTS = "tokenward.agents";
export const TASK_TYPE = "tokenward";
export const WALKTHROUGH = "start";
// Keys of `when` clauses.
export const CONTEXT_SERVER = "tokenward.server";
export const CONTEXT_GROUPING = "tokenward.grouping";
export const CONTEXT_AT_TOKEN = "tokenward.atToken";
export const CONTEXT_FILES = "tokenward.files";

export const TERMINAL_SCHEME = "tokenward-terminal";

// Generated from protocol.json by `make protocol`.
export const SERVER_COMMAND_MOVE = "tokenward.server.move";
export const SERVER_COMMAND_MOVE_ALL = "tokenward.server.moveAll";
export const SERVER_COMMAND_FINISH = "tokenward.server.finish";
export const SERVER_COMMAND_STORE_ASIDE = "tokenward.server.storeAside";
export const SERVER_COMMAND_IGNORE = "tokenward.server.ignore";
export const SERVER_COMMAND_IGNORE_IN_WORKSPACE = "tokenward.server.ignoreInWorkspace";
export const SERVER_COMMAND_CHECK = "tokenward.server.check";
export const SERVER_COMMAND_REVOKE = "tokenward.server.revoke";
export const SERVER_COMMAND_PAGE = "tokenward.server.openPage";
export const SERVER_COMMAND_LEASE = "tokenward.server.lease";
export const SERVER_COMMAND_STORE = "tokenward.server.store";
export const SERVER_COMMAND_ENTER = "tokenward.server.enter";
export const SERVER_COMMAND_FIND = "tokenward.server.find";
export const SERVER_COMMAND_FORGET = "tokenward.server.forget";
export const SERVER_COMMAND_RENAME = "tokenward.server.rename";
export const SERVER_COMMAND_DELETE = "tokenward.server.delete";
export const SERVER_COMMAND_AGENTS = "tokenward.server.agents";
export const SERVER_COMMAND_AGENTS_PROTECT = "tokenward.server.protectAgents";
export const SERVER_COMMAND_AGENTS_UNDO = "tokenward.server.undoAgents";
export const SERVER_COMMAND_AGENTS_CHECK = "tokenward.server.checkAgents";
export const SERVER_COMMAND_REVOKE_SEEN = "tokenward.server.revokeSeen";
export const SERVER_COMMAND_COPY_FOR_AI = "tokenward.server.copyForAi";
export const SERVER_COMMAND_SCAN = "tokenward.server.scan";
export const METHOD_TOKENS = "tokenward/tokens";
export const METHOD_TOKENS_CHANGED = "tokenward/tokens/changed";
export const METHOD_TOKENS_REPLACE = "tokenward/tokens/replace";
export const METHOD_AGENTS_CHANGED = "tokenward/agents/changed";
export const METHOD_REPORT = "tokenward/report";
export const METHOD_PASSPHRASE = "tokenward/passphrase";
export const METHOD_SECRET_GET = "tokenward/secretStorage/get";
export const METHOD_SECRET_STORE = "tokenward/secretStorage/store";
export const METHOD_SECRET_DELETE = "tokenward/secretStorage/delete";
export const METHOD_TERMINAL_DATA = "tokenward/terminal/data";
export const METHOD_TERMINAL_END = "tokenward/terminal/end";
export const METHOD_TRANSCRIPT = "tokenward/terminal/transcript";
export const METHOD_TRANSCRIPT_CHANGED = "tokenward/terminal/changed";
export const METHOD_CLEAR_TERMINAL = "tokenward/terminal/clear";
export const METHOD_LOOKED = "tokenward/looked";
export const METHOD_PASTE = "tokenward/paste";
export const METHOD_PASTE_STORE = "tokenward/paste/store";
export const METHOD_LAUNCH = "tokenward/launch";
// End of the generated part.
