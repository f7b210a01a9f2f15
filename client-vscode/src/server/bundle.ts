import { stat } from "node:fs/promises";
import path from "node:path";
import type { Program } from "../client/connection";

/** The server that comes with the extension. */
export interface Bundle {
  /** The script that starts it. */
  readonly launcher: string;
  /** The script that says whether a Python can run it. */
  readonly probe: string;
}

/**
 * No variable, no module of the current folder, of the user's or of an environment's decides what is imported: a
 * repository could leave one there.
 */
export const ISOLATION_FLAGS: readonly string[] = ["-I", "-S"];

/** The bundle in an extension's folder; undefined when the extension was built without one. */
export async function findBundle(extension: string): Promise<Bundle | undefined> {
  const folder = path.join(extension, "bundled");
  const server = path.join(folder, "libs", "tokenward", "__init__.py");
  const isThere = await stat(server).then(
    (found) => found.isFile(),
    () => false,
  );
  return isThere ? { launcher: path.join(folder, "launch.py"), probe: path.join(folder, "probe.py") } : undefined;
}

export function bundledProgram(python: string, bundle: Bundle): Program {
  return { command: python, args: [...ISOLATION_FLAGS, bundle.launcher] };
}
