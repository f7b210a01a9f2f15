import type { Connection } from "../client/connection";
import { METHOD_TOKENS_REPLACE } from "../names";
import type { StoredToken } from "../protocol";

/** Asks the user for a hidden value; resolves with undefined if the user cancels. */
export type AskValue = (token: StoredToken) => Thenable<string | undefined>;

/** Replaces the value of a stored token; the server asks for confirmation and shows the result. */
export async function replaceValue(token: StoredToken, connection: Connection, ask: AskValue): Promise<void> {
  const value = await ask(token);
  if (value !== undefined && value !== "") {
    await connection.request(METHOD_TOKENS_REPLACE, { reference: token.reference, value });
  }
}
