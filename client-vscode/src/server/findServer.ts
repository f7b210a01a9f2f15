import { homedir } from "node:os";
import path from "node:path";
import { extensions, l10n, type Uri, workspace } from "vscode";
import { errorKind } from "../client/output";
import type { Services } from "../feature";
import { SETTING_SERVER_PATH, SETTING_SERVER_PYTHON, SETTINGS_SECTION } from "../names";
import { withTimeout } from "../util/timeout";
import { findBundle } from "./bundle";
import { findProgram, type FoundServer } from "./findProgram";
import { addTerminalCommand } from "./terminalCommand";

const PYTHON_EXTENSION = "ms-python.python";
const LIMIT = 5_000;

interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): unknown;
    resolveEnvironment(
      environment: unknown,
    ): Promise<{ readonly executable: { readonly uri: Uri | undefined } } | undefined>;
  };
}

/**
 * Finds the server program with this window's settings, and updates the command in terminals.
 *
 * The folder of that command is for the server too, which names the command in agents' hooks: unlike the extension's
 * own folder, it stays the same when the extension is updated.
 */
export async function findServer({ context, channel }: Services): Promise<FoundServer & { readonly folder?: string }> {
  const configuration = workspace.getConfiguration(SETTINGS_SECTION);
  const machine = { platform: process.platform, home: homedir(), environment: process.env };
  const found = await findProgram({
    server: configuration.get(SETTING_SERVER_PATH, ""),
    python: configuration.get(SETTING_SERVER_PYTHON, ""),
    bundle: await findBundle(context.extensionPath),
    machine,
    folders: (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    selectedInterpreter: () => withTimeout(selectedInterpreter(), LIMIT).catch(() => undefined),
  });
  if (found.isBundled) {
    const folder = path.join(context.globalStorageUri.fsPath, "bin");
    addTerminalCommand(found.program, folder, context.environmentVariableCollection, machine, l10n).catch(
      (error: unknown) => {
        const sentence = l10n.t("The `tokenward` command is not available in terminals because it could not be written.");
        channel.warn(sentence + errorKind(error));
      },
    );
    return { ...found, folder };
  }
  context.environmentVariableCollection.clear();
  return found;
}

/** Returns the interpreter selected in the Python extension, unless the workspace is untrusted. */
async function selectedInterpreter(): Promise<string | undefined> {
  const python = extensions.getExtension<PythonApi>(PYTHON_EXTENSION);
  if (!workspace.isTrusted || python === undefined) {
    return undefined;
  }
  const { environments } = python.isActive ? python.exports : await python.activate();
  const chosen = environments.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
  return (await environments.resolveEnvironment(chosen))?.executable.uri?.fsPath;
}
