import type { CancellationToken } from "vscode";
import type { Connection } from "./connection";
import { METHOD_PASSPHRASE } from "../names";
import { textOf } from "../util/params";

/** Asks the user for a text that is not shown; undefined when the user refuses. */
export type AskHidden = (prompt: string, token: CancellationToken) => Thenable<string | undefined>;

/** Lets the server ask the user for a passphrase, and tells it so when it starts. */
export function answerPassphrases(connection: Connection, ask: AskHidden): void {
  connection.announce("passphrase");
  connection.onRequest(METHOD_PASSPHRASE, async (params, token) => ({
    passphrase: (await ask(textOf(params, "prompt") ?? "Passphrase", token)) ?? null,
  }));
}
