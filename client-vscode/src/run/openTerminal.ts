import { access } from "node:fs/promises";
import path from "node:path";
import { commands, env, l10n, ThemeIcon, window, workspace, type WorkspaceFolder } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { hasReferences } from "./environmentFile";
import type { Extension } from "../feature";
import { CLIENT_NAME, COMMAND_OPEN_TERMINAL } from "../names";
import { shellStart } from "./shells";
import { breakLinks } from "../util/sanitise";
import { runWords } from "./taskWords";

/** A terminal whose programs have the workspace's tokens; `tokenward run` gives them, so no value comes by here. */
export function openTerminals(extension: Extension): Disposable[] {
  return [commands.registerCommand(COMMAND_OPEN_TERMINAL, () => open(extension))];
}

async function open({ connection: { program } }: Extension): Promise<void> {
  if (!workspace.isTrusted) {
    void window.showWarningMessage(l10n.t("Trust this workspace to give its programs your tokens."));
    return;
  }
  const folder = await chosenFolder();
  if (folder === undefined) {
    return;
  }
  if (program === undefined) {
    void window.showErrorMessage(l10n.t("{0}'s server does not run; restart it.", CLIENT_NAME));
    return;
  }
  if (!(await hasReferences(folder))) {
    const sentence = l10n.t("{0}: the environment file of {1} names no token yet, so this terminal has none.", CLIENT_NAME, folder.name);
    void window.showInformationMessage(breakLinks(sentence));
  }
  const { shell, words, variables } = shellStart(env.shell, await scriptFolder());
  window
    .createTerminal({
      name: l10n.t("{0} (with tokens)", folder.name),
      shellPath: program.command,
      shellArgs: runWords(program, { command: shell, args: words }),
      env: variables,
      cwd: folder.uri,
      iconPath: new ThemeIcon("key"),
      // Otherwise the editor would start it again by itself with the next window, and ask for the tokens.
      isTransient: true,
    })
    .show();
}

async function chosenFolder(): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  return folders.length > 1 ? window.showWorkspaceFolderPick() : folders[0];
}

/** Where the editor keeps what makes a shell tell it of commands; undefined where that is somewhere else. */
async function scriptFolder(): Promise<string | undefined> {
  const folder = path.join(env.appRoot, "out", "vs", "workbench", "contrib", "terminal", "common", "scripts");
  try {
    await access(path.join(folder, "shellIntegration-bash.sh"));
    return folder;
  } catch {
    return undefined;
  }
}
