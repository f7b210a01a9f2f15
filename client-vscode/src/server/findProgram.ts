import type { Program } from "../client/connection";
import { DEFAULT_SERVER, SERVER_VARIABLE } from "../names";
import { type Bundle, bundledProgram } from "./bundle";
import { findExecutable, ProgramNotFound } from "./findExecutable";
import { findPython, PythonNotFound, type PythonSearch } from "./findPython";

export interface ProgramSearch extends Omit<PythonSearch, "bundle" | "configured"> {
  readonly server: string;
  readonly python: string;
  readonly bundle: Bundle | undefined;
}

export interface FoundServer {
  readonly program: Program;
  readonly isBundled: boolean;
}

/**
 * Finds the server: the configured one, else the development variable's, else the bundled one, else one on the PATH.
 */
export async function findProgram(search: ProgramSearch): Promise<FoundServer> {
  const chosen = search.server.trim() || search.machine.environment[SERVER_VARIABLE];
  if (chosen !== undefined && chosen !== "") {
    return installedServer(await findExecutable(chosen, search.machine));
  }
  if (search.bundle === undefined) {
    return findOnPath(search);
  }
  try {
    const { bundle, machine, folders, selectedInterpreter } = search;
    const configured = search.python.trim();
    const python = await findPython({ configured, machine, bundle, folders, selectedInterpreter });
    return { program: bundledProgram(python, bundle), isBundled: true };
  } catch (error) {
    return await findInstalled(error, search);
  }
}

/** Falls back to an installed server, which has its own Python. */
async function findInstalled(error: unknown, search: ProgramSearch): Promise<FoundServer> {
  if (!(error instanceof PythonNotFound) || error.configured !== "") {
    throw error;
  }
  try {
    return await findOnPath(search);
  } catch (other) {
    throw other instanceof ProgramNotFound ? error : other;
  }
}

/** Searches outside the workspace's folders, because a repository could contain a server. */
async function findOnPath({ machine, folders }: ProgramSearch): Promise<FoundServer> {
  return installedServer(await findExecutable(DEFAULT_SERVER, machine, folders));
}

function installedServer(command: string): FoundServer {
  return { program: { command, args: [] }, isBundled: false };
}
