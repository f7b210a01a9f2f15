/** Every string that the server, or `package.json`, also knows. */

export const CLIENT_NAME = "Tokenward";
export const SETTINGS_SECTION = "tokenward";
export const DIAGNOSTIC_SOURCE = "tokenward";
// What the server asks for; the rest of the section is the extension's own.
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
  "followSymlinks",
  "envFile",
  "workspaceName",
  "logLevel",
];
export const SETTING_SERVER_PATH = "server.path";
export const DEFAULT_SERVER = "tokenward";
export const SERVER_ARGUMENTS: readonly string[] = ["server"];
export const SERVER_VARIABLE = "TOKENWARD_SERVER";

// The client library registers each command that the server announces, and those begin with this prefix; a
// second registration of the same id fails, so no command of the extension may begin with it.
export const SERVER_COMMAND_PREFIX = "tokenward.server.";
export const SERVER_COMMAND_SCAN = "tokenward.server.scan";
export const COMMAND_SCAN = "tokenward.scanWorkspaceAgain";
export const COMMAND_RESTART = "tokenward.restart";
export const COMMAND_SHOW_OUTPUT = "tokenward.showOutput";

export const METHOD_PASSPHRASE = "tokenward/passphrase";
