import { commands, l10n, type Uri, Uri as Uris, ViewColumn, window, workspace, type WorkspaceFolder } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import {
  COMMAND_CHECK_FINDING,
  COMMAND_IGNORE_TOKEN,
  COMMAND_MOVE_ALL_IN_FILE,
  COMMAND_MOVE_ALL_IN_WORKSPACE,
  COMMAND_MOVE_TOKEN,
  COMMAND_OPEN_BESIDE,
  COMMAND_REVOKE_FINDING,
  COMMAND_STORE_TOKEN,
  CONTEXT_AT_TOKEN,
  CONTEXT_FILES,
  SERVER_COMMAND_CHECK,
  SERVER_COMMAND_ENTER,
  SERVER_COMMAND_IGNORE,
  SERVER_COMMAND_MOVE,
  SERVER_COMMAND_REVOKE,
} from "../names";
import type { ExposedTokens } from "./exposedTokens";
import { FindingNode } from "./findingItems";
import type { Finding } from "./findings";
import { moveAll, runForToken, showDocument } from "./moveToken";
import { validateNewName } from "./storedToken";

/** Registers the commands for exposed tokens, and the contexts that show them in menus. */
export function registerTokenCommands(services: Services, exposed: ExposedTokens): Disposable[] {
  const onToken = (command: string, run: (finding: Finding) => Promise<void>): Disposable =>
    commands.registerCommand(command, async (node: unknown) => {
      const finding = node instanceof FindingNode ? node.finding : findingAtCursor(exposed.findings);
      if (finding === undefined) {
        void window.showInformationMessage(l10n.t("There is no token at the cursor."));
        return;
      }
      await run(finding);
    });
  return [
    onToken(COMMAND_MOVE_TOKEN, (finding) => runForToken(SERVER_COMMAND_MOVE, finding, services)),
    onToken(COMMAND_IGNORE_TOKEN, (finding) => runForToken(SERVER_COMMAND_IGNORE, finding, services)),
    onToken(COMMAND_CHECK_FINDING, (finding) => runForToken(SERVER_COMMAND_CHECK, finding, services)),
    onToken(COMMAND_REVOKE_FINDING, (finding) => runForToken(SERVER_COMMAND_REVOKE, finding, services)),
    onToken(COMMAND_OPEN_BESIDE, openBeside),
    commands.registerCommand(COMMAND_MOVE_ALL_IN_FILE, (target: unknown) => moveAllInFile(target, services)),
    commands.registerCommand(COMMAND_MOVE_ALL_IN_WORKSPACE, () => moveAllInWorkspace(exposed, services)),
    commands.registerCommand(COMMAND_STORE_TOKEN, () => storeToken(services)),
    ...updateContexts(exposed),
  ];
}

/** Keeps up to date whether the cursor is on a token, and which files have tokens. */
function updateContexts(exposed: ExposedTokens): Disposable[] {
  let wasAtToken = false;
  const updateCursor = (): void => {
    const isAtToken = findingAtCursor(exposed.findings) !== undefined;
    if (isAtToken !== wasAtToken) {
      wasAtToken = isAtToken;
      void commands.executeCommand("setContext", CONTEXT_AT_TOKEN, isAtToken);
    }
  };
  const updateFiles = (findings: readonly Finding[]): void => {
    const files = new Set(findings.filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath));
    void commands.executeCommand("setContext", CONTEXT_FILES, [...files]);
    updateCursor();
  };
  return [
    exposed.onDidChange(updateFiles),
    window.onDidChangeActiveTextEditor(updateCursor),
    window.onDidChangeTextEditorSelection(updateCursor),
  ];
}

function findingAtCursor(findings: readonly Finding[]): Finding | undefined {
  const editor = window.activeTextEditor;
  const uri = editor?.document.uri.toString();
  return findings.find((finding) => finding.uri.toString() === uri && editor?.selection.intersection(finding.range) !== undefined);
}

async function openBeside({ uri, range }: Finding): Promise<void> {
  await commands.executeCommand("vscode.open", uri, { selection: range, viewColumn: ViewColumn.Beside });
}

/** Moves all tokens of a row's or the explorer's file, or else of the active editor's. */
async function moveAllInFile(target: unknown, services: Services): Promise<void> {
  const finding = (target as { first?: Finding } | undefined)?.first;
  const uri = target instanceof Uris ? target : undefined;
  const document = finding === undefined ? await openDocument(uri) : await showDocument(finding);
  if (document !== undefined) {
    await moveAll(document, "file", services);
  }
}

async function openDocument(uri: Uri | undefined): ReturnType<typeof showDocument> {
  return uri === undefined ? window.activeTextEditor?.document : workspace.openTextDocument(uri);
}

async function moveAllInWorkspace(exposed: ExposedTokens, services: Services): Promise<void> {
  const first = exposed.findings.find(({ place }) => !place.isTerminal);
  // The server takes the workspace of an open document.
  const document = window.activeTextEditor?.document.uri.scheme === "file" ? window.activeTextEditor.document : first && (await showDocument(first));
  if (document === undefined) {
    void window.showInformationMessage(l10n.t("No exposed tokens."));
    return;
  }
  await moveAll(document, "workspace", services);
}

/** Asks for a name; the server then asks for the value, which no other extension sees. */
async function storeToken({ connection, channel }: Services): Promise<void> {
  const folder = await chooseFolder();
  const name = folder && (await window.showInputBox({
    title: l10n.t("Store a Token"),
    prompt: l10n.t("The token's name in references and environment variables"),
    placeHolder: "GITHUB_TOKEN",
    validateInput: (text) => validateNewName(text, l10n),
  }));
  if (folder !== undefined && name !== undefined) {
    const uri = Uris.joinPath(folder.uri, ".env").toString();
    await showErrorOnFailure(connection.executeCommand(SERVER_COMMAND_ENTER, { uri, name }), channel);
  }
}

async function chooseFolder(): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    void window.showInformationMessage(l10n.t("Open a folder first: tokens belong to a workspace."));
  }
  return folders.length > 1 ? window.showWorkspaceFolderPick() : folders[0];
}
