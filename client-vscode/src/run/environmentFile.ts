import path from "node:path";
import { workspace, type WorkspaceFolder } from "vscode";
import { REFERENCE_PREFIX, SETTINGS_SECTION } from "../names";
import { readHead } from "../util/readHead";

/** Returns whether a folder's environment file contains a reference. */
export async function environmentFileHasReferences(folder: WorkspaceFolder): Promise<boolean> {
  const name = workspace.getConfiguration(SETTINGS_SECTION, folder.uri).get("envFile", ".env");
  return (await readHead(path.resolve(folder.uri.fsPath, name))).includes(REFERENCE_PREFIX);
}
