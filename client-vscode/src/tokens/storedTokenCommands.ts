import { commands, env, l10n, type LogOutputChannel, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Connection } from "../client/connection";
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import {
  COMMAND_CHECK_TOKEN,
  COMMAND_COPY_REFERENCE,
  COMMAND_DELETE_TOKEN,
  COMMAND_REFRESH_TOKENS,
  COMMAND_RENAME_TOKEN,
  COMMAND_REPLACE_TOKEN,
  COMMAND_REVOKE_TOKEN,
  SERVER_COMMAND_CHECK,
  SERVER_COMMAND_DELETE,
  SERVER_COMMAND_RENAME,
  SERVER_COMMAND_REVOKE,
} from "../names";
import type { ServerCommands, StoredToken } from "../protocol";
import { replaceValue } from "./replaceValue";
import { validateTokenName } from "./storedToken";
import type { StoredTokenList } from "./storedTokenList";

/**
 * Registers the commands for a stored token; `tokenOf` returns the token of a tree node. The server asks for
 * confirmation.
 */
export function registerStoredTokenCommands(
  list: StoredTokenList,
  connection: Connection,
  channel: LogOutputChannel,
  tokenOf: (node: unknown) => StoredToken | undefined,
): Disposable[] {
  const on = (command: string, run: (token: StoredToken) => Promise<unknown>): Disposable =>
    commands.registerCommand(command, async (node: unknown) => {
      const token = tokenOf(node);
      if (token !== undefined) {
        await run(token);
      }
    });
  const send = <C extends keyof ServerCommands>(command: C, argument: ServerCommands[C]): Promise<unknown> =>
    showErrorOnFailure(connection.executeCommand(command, argument), channel);
  return [
    commands.registerCommand(COMMAND_REFRESH_TOKENS, () => {
      list.refresh();
    }),
    on(COMMAND_COPY_REFERENCE, copyReference),
    on(COMMAND_RENAME_TOKEN, async (token) => {
      const name = await askForName(token, list.tokens);
      if (name !== undefined && name !== token.name) {
        await send(SERVER_COMMAND_RENAME, { reference: token.reference, name });
      }
    }),
    on(COMMAND_REPLACE_TOKEN, (token) => showErrorOnFailure(replaceValue(token, connection, askForValue), channel)),
    on(COMMAND_DELETE_TOKEN, ({ reference }) => send(SERVER_COMMAND_DELETE, { reference })),
    on(COMMAND_CHECK_TOKEN, ({ reference }) => send(SERVER_COMMAND_CHECK, { reference })),
    on(COMMAND_REVOKE_TOKEN, ({ reference }) => send(SERVER_COMMAND_REVOKE, { reference })),
  ];
}

async function copyReference({ reference }: StoredToken): Promise<void> {
  await env.clipboard.writeText(reference);
  window.setStatusBarMessage(l10n.t("Copied {0}", reference), 3_000);
}

function askForValue({ reference }: StoredToken): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t("Replace the value of {0}", reference),
    prompt: l10n.t("The new value; references and lease stay"),
    password: true,
    ignoreFocusOut: true,
  });
}

function askForName(token: StoredToken, all: readonly StoredToken[]): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t("Rename {0}", token.reference),
    prompt: l10n.t("The token's name in references and environment variables"),
    value: token.name,
    validateInput: (name) => validateTokenName(name, token, all, l10n),
  });
}
