import { commands, env, l10n, type TextEditor, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import { COMMAND_COPY_FOR_AI, SERVER_COMMAND_COPY_FOR_AI } from "../names";
import { copyRanges } from "./copyRanges";

const SHOWN_MILLISECONDS = 5_000;

/** Registers the command that copies the selection for an AI assistant, without its tokens. */
export function copyForAi(services: Services): Disposable[] {
  return [
    commands.registerCommand(COMMAND_COPY_FOR_AI, async () => {
      const editor = window.activeTextEditor;
      if (editor !== undefined) {
        await copy(editor, services);
      }
    }),
  ];
}

async function copy({ document, selections }: TextEditor, { connection, channel }: Services): Promise<void> {
  const end = document.lineAt(document.lineCount - 1).range.end;
  const argument = {
    uri: document.uri.toString(),
    version: document.version,
    ranges: copyRanges(selections, { line: end.line, character: end.character }),
  };
  const copied = await showErrorOnFailure(connection.executeCommand(SERVER_COMMAND_COPY_FOR_AI, argument), channel);
  if (copied === undefined || copied === null) {
    return;
  }
  await env.clipboard.writeText(copied.text);
  const sentence =
    copied.masked === 0
      ? l10n.t("Copied without tokens.")
      : l10n.t("Copied without tokens. Masked, because they are not in the keyring: {0}", copied.masked);
  window.setStatusBarMessage(sentence, SHOWN_MILLISECONDS);
}
