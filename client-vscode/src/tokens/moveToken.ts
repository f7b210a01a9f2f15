import { type CodeAction, commands, l10n, type TextDocument, window, workspace } from "vscode";
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import { CLIENT_NAME, SERVER_COMMAND_MOVE, SERVER_COMMAND_STORE, TERMINAL_SCHEME } from "../names";
import { codePointColumn } from "./codePointColumn";
import type { Finding } from "./findings";

/** Opens the document of a finding and has the server move its token to the keyring. */
export async function moveToken(finding: Finding, services: Services): Promise<void> {
  const document = await showDocument(finding);
  if (document === undefined) {
    return;
  }
  if (finding.uri.scheme === TERMINAL_SCHEME) {
    await storeTerminalToken(finding);
    return;
  }
  // Not with the server's quick fix, which a newly opened document lacks until it is scanned. The command finds the
  // token again, or reports that it is gone.
  const { line } = finding.range.start;
  const text = line < document.lineCount ? document.lineAt(line).text : "";
  const argument = {
    uri: document.uri.toString(),
    version: document.version,
    fingerprint: finding.fingerprint,
    line,
    column: codePointColumn(text, finding.range.start.character),
  };
  await showErrorOnFailure(services.connection.executeCommand(SERVER_COMMAND_MOVE, argument), services.channel);
}

async function showDocument({ uri, range }: Finding): Promise<TextDocument | undefined> {
  try {
    // showTextDocument does not support notebooks.
    await commands.executeCommand("vscode.open", uri, { selection: range, preview: false });
    return await workspace.openTextDocument(uri);
  } catch {
    void window.showErrorMessage(l10n.t("The token was not moved because its file could not be opened."));
    return undefined;
  }
}

/** Stores a terminal's token with the server's quick fix, which alone knows the token's text and version. */
async function storeTerminalToken({ uri, range, fingerprint }: Finding): Promise<void> {
  const actions = await commands.executeCommand<readonly CodeAction[]>("vscode.executeCodeActionProvider", uri, range);
  const action = actions.find(({ command }) => {
    const [argument] = (command?.arguments ?? []) as { fingerprint?: unknown }[];
    return command?.command === SERVER_COMMAND_STORE && argument?.fingerprint === fingerprint;
  });
  if (action?.command === undefined) {
    void window.showInformationMessage(
      l10n.t("{0} no longer has this token and cannot store it. Run the command that printed it again.", CLIENT_NAME),
    );
    return;
  }
  await commands.executeCommand(action.command.command, ...((action.command.arguments ?? []) as unknown[]));
}
