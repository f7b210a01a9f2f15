import { constants } from "node:fs";
import { access, lstat, stat } from "node:fs/promises";
import path from "node:path";
import { isInside } from "../util/isInside";

/** The system facts that a search for programs depends on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A relative path is refused; a full path does not exist; a name is not on the PATH. */
export type NotFoundReason = "relative" | "absent" | "notOnPath";

/** The wanted program does not exist. */
export class ProgramNotFound extends Error {
  constructor(
    readonly wanted: string,
    readonly reason: NotFoundReason,
  ) {
    super(`${wanted}: ${reason}`);
  }
}

/**
 * Finds a program by path or by name on the PATH, outside the excluded folders.
 *
 * It never lets the operating system search: Windows would try the current folder first, and an empty or relative PATH
 * entry also means the current folder, where a repository could place a program.
 */
export async function findExecutable(
  wanted: string,
  machine: Machine,
  excludedFolders: readonly string[] = [],
): Promise<string> {
  const paths = candidatePaths(wanted, machine);
  for (const candidate of paths) {
    if ((await isExecutableFile(candidate)) && !(await isInside(candidate, excludedFolders))) {
      return candidate;
    }
  }
  const [only] = paths;
  if (only !== undefined && isPath(wanted, machine)) {
    throw new ProgramNotFound(only, "absent");
  }
  throw new ProgramNotFound(wanted, "notOnPath");
}

/** Returns the full paths to try, in order; throws for a relative path. */
export function candidatePaths(wanted: string, machine: Machine): string[] {
  const paths = pathModule(machine);
  if (/^~[\\/]/.test(wanted)) {
    return [paths.join(machine.home, wanted.slice(2))];
  }
  if (paths.isAbsolute(wanted)) {
    return [wanted];
  }
  if (paths.basename(wanted) !== wanted) {
    throw new ProgramNotFound(wanted, "relative");
  }
  return pathsOnPath(wanted, machine);
}

export async function isExecutableFile(candidate: string): Promise<boolean> {
  try {
    await access(candidate, constants.X_OK);
    return await isFile(candidate);
  } catch {
    return false;
  }
}

async function isFile(candidate: string): Promise<boolean> {
  try {
    return (await stat(candidate)).isFile();
  } catch {
    // A Python of the Microsoft Store, or of Python's install manager, is a link that Node cannot follow (#36790).
    return (await lstat(candidate)).isSymbolicLink();
  }
}

export function pathModule(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}

function isPath(wanted: string, machine: Machine): boolean {
  return /^~[\\/]/.test(wanted) || pathModule(machine).isAbsolute(wanted);
}

function pathsOnPath(name: string, machine: Machine): string[] {
  const paths = pathModule(machine);
  const folders = (machine.environment["PATH"] ?? "").split(paths.delimiter);
  const file = machine.platform === "win32" && paths.extname(name) === "" ? `${name}.exe` : name;
  return folders.filter((folder) => paths.isAbsolute(folder)).map((folder) => paths.join(folder, file));
}
