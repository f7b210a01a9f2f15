import path from "node:path";
import { type Diagnostic, l10n, languages, type Memento, type Uri, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import { CLIENT_NAME, DIAGNOSTIC_SOURCE, TERMINAL_SCHEME } from "../names";
import { BurstFilter } from "./burstFilter";
import { displayName } from "./displayName";
import type { IsWatching } from "./isWatching";

const DISABLED_KEY = "terminal.announcement.silent";

/** Shows a message when a command prints a token, once per burst. */
export function announceTokens({ context }: Services, isWatching: IsWatching): Disposable[] {
  const burstFilter = new BurstFilter();
  return [
    languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris.filter(({ scheme }) => scheme === TERMINAL_SCHEME)) {
        const { length } = findingsIn(uri);
        if (burstFilter.startsBurst(uri.toString(), length) && length > 0 && isWatching()) {
          void showWarning(uri, context.globalState);
        }
      }
    }),
  ];
}

function findingsIn(uri: Uri): Diagnostic[] {
  return languages.getDiagnostics(uri).filter(({ source }) => source === DIAGNOSTIC_SOURCE);
}

async function showWarning(uri: Uri, memory: Memento): Promise<void> {
  if (memory.get<boolean>(DISABLED_KEY) === true) {
    return;
  }
  const [open, never] = [l10n.t("Open"), l10n.t("Don't Show Again")];
  const name = displayName(path.posix.basename(uri.path));
  const sentence = l10n.t('{0}: a token was printed in the terminal "{1}".', CLIENT_NAME, name);
  const chosen = await window.showWarningMessage(sentence, open, never);
  if (chosen === open) {
    // More may have been printed since.
    const newest = findingsIn(uri).at(-1);
    await window.showTextDocument(uri, newest === undefined ? {} : { selection: newest.range });
  } else if (chosen === never) {
    await memory.update(DISABLED_KEY, true);
  }
}
