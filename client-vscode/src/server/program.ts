import { type Bundle, runBy } from "./bundled";
import type { Program } from "../client/connection";
import { findExecutable, ProgramNotFound } from "./executable";
import { DEFAULT_SERVER, SERVER_VARIABLE } from "../names";
import { findPython, PythonNotFound, type PythonSearch } from "./python";

export interface ProgramSearch extends Omit<PythonSearch, "probe" | "configured"> {
  readonly server: string;
  readonly python: string;
  readonly bundle: Bundle | undefined;
}

export interface Found {
  readonly program: Program;
  readonly isBundled: boolean;
}

/** The server: the configured one, the one of the variable for development, the bundled one, the one on the PATH. */
export async function findProgram(search: ProgramSearch): Promise<Found> {
  const chosen = search.server.trim() || search.machine.environment[SERVER_VARIABLE];
  if (chosen !== undefined && chosen !== "") {
    return installed(await findExecutable(chosen, search.machine));
  }
  if (search.bundle === undefined) {
    return onPath(search);
  }
  try {
    const { bundle, machine, folders, chosenElsewhere } = search;
    const configured = search.python.trim();
    const python = await findPython({ configured, machine, probe: bundle.probe, folders, chosenElsewhere });
    return { program: runBy(python, bundle), isBundled: true };
  } catch (error) {
    return await withoutPython(error, search);
  }
}

/** An installed server brings a Python of its own. */
async function withoutPython(error: unknown, search: ProgramSearch): Promise<Found> {
  if (!(error instanceof PythonNotFound) || error.configured !== "") {
    throw error;
  }
  try {
    return await onPath(search);
  } catch (other) {
    throw other instanceof ProgramNotFound ? error : other;
  }
}

/** Nobody has chosen it, so a repository must not have brought it. */
async function onPath({ machine, folders }: ProgramSearch): Promise<Found> {
  return installed(await findExecutable(DEFAULT_SERVER, machine, folders));
}

function installed(command: string): Found {
  return { program: { command, args: [] }, isBundled: false };
}
