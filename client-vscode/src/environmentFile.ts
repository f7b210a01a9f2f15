import { open } from "node:fs/promises";
import path from "node:path";
import { workspace, type WorkspaceFolder } from "vscode";
import { SETTINGS_SECTION } from "./names";
import { mentionsReference } from "./taskWords";

const LARGEST = 1_000_000;

/** Whether the environment file of a folder names a token that is in the keyring. */
export async function hasReferences(folder: WorkspaceFolder): Promise<boolean> {
  const name = workspace.getConfiguration(SETTINGS_SECTION, folder.uri).get("envFile", ".env");
  return mentionsReference(await beginningOf(path.resolve(folder.uri.fsPath, name)));
}

/** The text of a file, as far as it is of use; nothing of what is no file. */
export async function beginningOf(file: string): Promise<string> {
  try {
    const handle = await open(file, "r");
    try {
      if (!(await handle.stat()).isFile()) {
        return "";
      }
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LARGEST), 0, LARGEST, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return "";
  }
}
