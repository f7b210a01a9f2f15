import { access } from "node:fs/promises";
import path from "node:path";
import { commands, env, l10n, ThemeIcon, window, workspace, type WorkspaceFolder } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import { CLIENT_NAME, COMMAND_OPEN_TERMINAL } from "../names";
import { breakLinks } from "../util/sanitise";
import { environmentFileHasReferences } from "./environmentFile";
import { shellCommand } from "./shells";
import { runArguments } from "./taskCommand";

/**
 * Registers the command that opens a terminal with the workspace's tokens. `tokenward run` supplies them, so the
 * extension sees no values.
 */
export function registerOpenTerminal(services: Services): Disposable[] {
  return [commands.registerCommand(COMMAND_OPEN_TERMINAL, () => openTerminal(services))];
}

async function openTerminal({ connection: { program } }: Services): Promise<void> {
  if (!workspace.isTrusted) {
    void window.showWarningMessage(l10n.t("Trust this workspace to give its programs access to your tokens."));
    return;
  }
  const folder = await pickFolder();
  if (folder === undefined) {
    return;
  }
  if (program === undefined) {
    void window.showErrorMessage(l10n.t("The {0} server is not running. Restart it.", CLIENT_NAME));
    return;
  }
  if (!(await environmentFileHasReferences(folder))) {
    const sentence = l10n.t(
      "{0}: the environment file of {1} has no references yet, so this terminal has no tokens.",
      CLIENT_NAME,
      folder.name,
    );
    void window.showInformationMessage(breakLinks(sentence));
  }
  const { shell, args, variables } = shellCommand(env.shell, await findShellIntegration());
  window
    .createTerminal({
      name: l10n.t("{0} (with tokens)", folder.name),
      shellPath: program.command,
      shellArgs: runArguments(program, { command: shell, args: args }),
      env: variables,
      cwd: folder.uri,
      iconPath: new ThemeIcon("key"),
      // Otherwise VS Code would restore it in the next window and ask for the tokens.
      isTransient: true,
    })
    .show();
}

async function pickFolder(): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  return folders.length > 1 ? window.showWorkspaceFolderPick() : folders[0];
}

/** Returns VS Code's folder of shell integration scripts, or undefined if it is elsewhere. */
async function findShellIntegration(): Promise<string | undefined> {
  const folder = path.join(env.appRoot, "out", "vs", "workbench", "contrib", "terminal", "common", "scripts");
  try {
    await access(path.join(folder, "shellIntegration-bash.sh"));
    return folder;
  } catch {
    return undefined;
  }
}
