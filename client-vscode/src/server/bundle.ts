import { stat } from "node:fs/promises";
import path from "node:path";
import type { Program } from "../client/connection";

/** The server that is bundled with the extension. */
export interface Bundle {
  /** The script that starts the server. */
  readonly launcher: string;
  /** The script that checks whether a Python can run the server. */
  readonly probe: string;
  /** The Python that came with it, in an extension that was built with one. */
  readonly python: string;
}

/**
 * These flags keep environment variables, the current folder and site packages from changing imports, because a
 * repository could place modules there.
 */
export const ISOLATION_FLAGS: readonly string[] = ["-I", "-S"];

/** Finds the bundle in an extension's folder; returns undefined if the extension was built without one. */
export async function findBundle(extension: string): Promise<Bundle | undefined> {
  const folder = path.join(extension, "bundled");
  const server = path.join(folder, "libs", "tokenward", "__init__.py");
  const isThere = await stat(server).then(
    (found) => found.isFile(),
    () => false,
  );
  const [launcher, probe] = ["launch.py", "probe.py"].map((name) => path.join(folder, name)) as [string, string];
  const python = path.join(folder, "python", process.platform === "win32" ? "python.exe" : "bin/python3");
  return isThere ? { launcher, probe, python } : undefined;
}

export function bundledProgram(python: string, bundle: Bundle): Program {
  return { command: python, args: [...ISOLATION_FLAGS, bundle.launcher] };
}
