import path from "node:path";
import { workspace, type WorkspaceFolder } from "vscode";
import { readHead } from "../util/readHead";
import { REFERENCE_PREFIX, SETTINGS_SECTION } from "../names";

/** Whether the environment file of a folder names a token that is in the keyring. */
export async function environmentFileHasReferences(folder: WorkspaceFolder): Promise<boolean> {
  const name = workspace.getConfiguration(SETTINGS_SECTION, folder.uri).get("envFile", ".env");
  return (await readHead(path.resolve(folder.uri.fsPath, name))).includes(REFERENCE_PREFIX);
}
