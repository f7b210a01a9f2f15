import path from "node:path";
import { workspace, type WorkspaceFolder } from "vscode";
import { beginningOf } from "../util/readHead";
import { SETTINGS_SECTION } from "../names";
import { mentionsReference } from "./taskWords";

/** Whether the environment file of a folder names a token that is in the keyring. */
export async function hasReferences(folder: WorkspaceFolder): Promise<boolean> {
  const name = workspace.getConfiguration(SETTINGS_SECTION, folder.uri).get("envFile", ".env");
  return mentionsReference(await beginningOf(path.resolve(folder.uri.fsPath, name)));
}
