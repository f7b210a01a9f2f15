import { commands, env, l10n, type LogOutputChannel, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { attempt } from "../client/attempt";
import type { Connection } from "../client/connection";
import {
  COMMAND_CHECK_TOKEN,
  COMMAND_COPY_REFERENCE,
  COMMAND_DELETE_TOKEN,
  COMMAND_REFRESH_TOKENS,
  COMMAND_RENAME_TOKEN,
  COMMAND_REVOKE_TOKEN,
  SERVER_COMMAND_CHECK,
  SERVER_COMMAND_DELETE,
  SERVER_COMMAND_RENAME,
  SERVER_COMMAND_REVOKE,
} from "../names";
import { nameProblem, type Stored } from "./stored";
import type { StoredList } from "./storedList";

/** What can be done with a stored token; `tokenOf` says which one a command is for. The server asks what it must. */
export function storedCommands(
  list: StoredList,
  connection: Connection,
  channel: LogOutputChannel,
  tokenOf: (node: unknown) => Stored | undefined,
): Disposable[] {
  const on = (command: string, run: (token: Stored) => Promise<unknown>): Disposable =>
    commands.registerCommand(command, async (node: unknown) => {
      const token = tokenOf(node);
      if (token !== undefined) {
        await run(token);
      }
    });
  const send = (command: string, argument: object): Promise<void> =>
    attempt(connection.execute(command, argument), channel);
  return [
    commands.registerCommand(COMMAND_REFRESH_TOKENS, () => {
      list.ask();
    }),
    on(COMMAND_COPY_REFERENCE, copy),
    on(COMMAND_RENAME_TOKEN, async (token) => {
      const name = await askName(token, list.tokens);
      if (name !== undefined && name !== token.name) {
        await send(SERVER_COMMAND_RENAME, { reference: token.reference, name });
      }
    }),
    on(COMMAND_DELETE_TOKEN, ({ reference }) => send(SERVER_COMMAND_DELETE, { reference })),
    on(COMMAND_CHECK_TOKEN, ({ reference }) => send(SERVER_COMMAND_CHECK, { reference })),
    on(COMMAND_REVOKE_TOKEN, ({ reference }) => send(SERVER_COMMAND_REVOKE, { reference })),
  ];
}

async function copy({ reference }: Stored): Promise<void> {
  await env.clipboard.writeText(reference);
  window.setStatusBarMessage(l10n.t("Copied {0}", reference), 3_000);
}

function askName(token: Stored, all: readonly Stored[]): Thenable<string | undefined> {
  return window.showInputBox({
    title: l10n.t("Rename {0}", token.reference),
    prompt: l10n.t("What the token is called in references and variables"),
    value: token.name,
    validateInput: (name) => nameProblem(name, token, all, l10n),
  });
}
