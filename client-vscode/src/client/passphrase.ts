import type { CancellationToken } from "vscode";
import { METHOD_PASSPHRASE } from "../names";
import type { Connection } from "./connection";

/** Asks the user for a hidden text; resolves with undefined if the user cancels. */
export type AskPassphrase = (prompt: string, token: CancellationToken) => Thenable<string | undefined>;

/** Lets the server ask the user for a passphrase. */
export function answerPassphraseRequests(connection: Connection, ask: AskPassphrase): void {
  connection.announceCapability("passphrase");
  connection.onRequest(METHOD_PASSPHRASE, async ({ prompt }, token) => ({
    passphrase: (await ask(prompt, token)) ?? null,
  }));
}
