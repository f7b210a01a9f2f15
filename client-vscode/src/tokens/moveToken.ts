import { type CodeAction, commands, l10n, Range, type TextDocument, window, workspace } from "vscode";
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import type {
  SERVER_COMMAND_CHECK,
  SERVER_COMMAND_IGNORE,
  SERVER_COMMAND_REVOKE} from "../names";
import {
  CLIENT_NAME,
  SERVER_COMMAND_MOVE,
  SERVER_COMMAND_MOVE_ALL,
  SERVER_COMMAND_STORE,
  TERMINAL_SCHEME,
} from "../names";
import type { MoveAllArgument } from "../protocol";
import { codePointColumn } from "./codePointColumn";
import type { Finding } from "./findings";
import { showMoved } from "./showMoved";

/** A command of the server for one token. */
type TokenCommand =
  | typeof SERVER_COMMAND_CHECK
  | typeof SERVER_COMMAND_IGNORE
  | typeof SERVER_COMMAND_MOVE
  | typeof SERVER_COMMAND_REVOKE;

/** Opens the document of a finding and runs a command of the server for its token. */
export async function runForToken(command: TokenCommand, finding: Finding, services: Services): Promise<void> {
  const document = await showDocument(finding);
  if (document === undefined) {
    return;
  }
  if (finding.uri.scheme === TERMINAL_SCHEME) {
    await runForTerminalToken(command === SERVER_COMMAND_MOVE ? SERVER_COMMAND_STORE : command, finding);
    return;
  }
  // Not with the server's quick fix, which a newly opened document lacks until it is scanned. The command finds the
  // token again, or reports that it is gone.
  const { line, character } = finding.range.start;
  const text = line < document.lineCount ? document.lineAt(line).text : "";
  const column = codePointColumn(text, character);
  const argument = { uri: document.uri.toString(), version: document.version, fingerprint: finding.fingerprint, line, column };
  await run(services, services.connection.executeCommand(command, argument));
}

/** Has the server move all tokens of a document, or of its workspace, once the user agrees. */
export async function moveAll(document: TextDocument, scope: MoveAllArgument["scope"], services: Services): Promise<void> {
  const argument = { uri: document.uri.toString(), version: document.version, scope };
  await run(services, services.connection.executeCommand(SERVER_COMMAND_MOVE_ALL, argument));
}

/** Opens the document of a finding at the finding; shows an error and resolves with undefined if that fails. */
export async function showDocument({ uri, range }: Finding): Promise<TextDocument | undefined> {
  try {
    // showTextDocument does not support notebooks. Of a selected token, a part of its reference would stay selected.
    await commands.executeCommand("vscode.open", uri, { selection: new Range(range.start, range.start), preview: false });
    return await workspace.openTextDocument(uri);
  } catch {
    void window.showErrorMessage(l10n.t("Nothing was changed because the token's file could not be opened."));
    return undefined;
  }
}

async function run({ channel, context }: Services, work: Promise<unknown>): Promise<void> {
  void showMoved(await showErrorOnFailure(work, channel), context.globalState);
}

/** Runs the server's quick fix for a terminal's token, because it alone knows the token's text and version. */
async function runForTerminalToken(command: string, { uri, range, fingerprint }: Finding): Promise<void> {
  const actions = await commands.executeCommand<readonly CodeAction[]>("vscode.executeCodeActionProvider", uri, range);
  const action = actions.find((one) => {
    const [argument] = (one.command?.arguments ?? []) as { fingerprint?: unknown }[];
    return one.command?.command === command && argument?.fingerprint === fingerprint;
  });
  if (action?.command === undefined) {
    void window.showInformationMessage(
      l10n.t("{0} cannot do this with a token of a terminal, or no longer has the token. Run the command that printed it again.", CLIENT_NAME),
    );
    return;
  }
  await commands.executeCommand(action.command.command, ...((action.command.arguments ?? []) as unknown[]));
}
