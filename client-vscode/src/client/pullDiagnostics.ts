import type { Diagnostic, Uri } from "vscode";
import type { vsdiag } from "vscode-languageclient/node";
import { DIAGNOSTIC_SOURCE } from "../names";

// Not an id that the server uses.
const FORGOTTEN_ID = "forgotten";

/**
 * Adds a wrong id for each document whose diagnostics are shown but whose id is missing.
 *
 * The library forgets a document's id when the document closes but still shows its diagnostics. The server clears
 * diagnostics only for ids that it receives.
 */
export function addForgottenDocuments(
  known: readonly vsdiag.PreviousResultId[],
  shown: readonly (readonly [Uri, readonly Pick<Diagnostic, "source">[]])[],
): vsdiag.PreviousResultId[] {
  const named = new Set(known.map(({ uri }) => uri.toString()));
  const forgotten = shown.filter(
    ([uri, items]) => !named.has(uri.toString()) && items.some(({ source }) => source === DIAGNOSTIC_SOURCE),
  );
  return [...known, ...forgotten.map(([uri]) => ({ uri, value: FORGOTTEN_ID }))];
}
