import type { Diagnostic, Uri } from "vscode";
import type { vsdiag } from "vscode-languageclient/node";
import { DIAGNOSTIC_SOURCE } from "../names";

// No id of the server's.
const FORGOTTEN_ID = "forgotten";

/**
 * What a pull of the workspace says is known: the ids of the client library, and a wrong one for all else that is
 * shown of ours.
 *
 * The library forgets the id of a document that closes but goes on showing its warnings, and about what it is not
 * asked for the server does not say that nothing stands there any longer.
 */
export function addForgottenDocuments(
  known: readonly vsdiag.PreviousResultId[],
  shown: readonly (readonly [Uri, readonly Pick<Diagnostic, "source">[]])[],
): vsdiag.PreviousResultId[] {
  const named = new Set(known.map(({ uri }) => uri.toString()));
  const forgotten = shown.filter(([uri, items]) => !named.has(uri.toString()) && items.some(({ source }) => source === DIAGNOSTIC_SOURCE));
  return [...known, ...forgotten.map(([uri]) => ({ uri, value: FORGOTTEN_ID }))];
}
