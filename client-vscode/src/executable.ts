import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import type { Program } from "./connection";
import { DEFAULT_SERVER, SERVER_VARIABLE } from "./names";

/** What the search depends on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** There is no server where it was looked for; the message is for the user. */
export class ServerNotFound extends Error {}

/**
 * The server's program by its full path, from the setting, else the variable for development, else the PATH.
 *
 * The operating system is never asked to search: on Windows it would look in the current folder first, and
 * an empty or relative entry of the PATH means the current folder too, where a repository could leave a program.
 */
export async function findServer(configured: string, machine: Machine): Promise<Program> {
  const wanted = chosen(configured.trim(), machine.environment);
  const paths = candidates(wanted, machine);
  for (const candidate of paths) {
    if (await isProgram(candidate)) {
      return { command: candidate, args: [] };
    }
  }
  throw new ServerNotFound(explain(wanted, paths));
}

/** The full paths at which a program may be, the first that is one wins; a relative path is refused. */
export function candidates(wanted: string, machine: Machine): string[] {
  const paths = pathsOf(machine);
  if (/^~[\\/]/.test(wanted)) {
    return [paths.join(machine.home, wanted.slice(2))];
  }
  if (paths.isAbsolute(wanted)) {
    return [wanted];
  }
  if (paths.basename(wanted) !== wanted) {
    throw new ServerNotFound(
      `Tokenward's server "${wanted}" is a relative path, which a workspace could fill; ` +
        "set its full path, or a name that is on the PATH.",
    );
  }
  return onPath(wanted, machine);
}

function chosen(configured: string, environment: NodeJS.ProcessEnv): string {
  if (configured !== "") {
    return configured;
  }
  const development = environment[SERVER_VARIABLE];
  return development === undefined || development === "" ? DEFAULT_SERVER : development;
}

function onPath(name: string, machine: Machine): string[] {
  const paths = pathsOf(machine);
  const folders = (machine.environment["PATH"] ?? "").split(paths.delimiter);
  const file = machine.platform === "win32" && paths.extname(name) === "" ? `${name}.exe` : name;
  return folders.filter((folder) => paths.isAbsolute(folder)).map((folder) => paths.join(folder, file));
}

function pathsOf(machine: Machine): path.PlatformPath {
  return machine.platform === "win32" ? path.win32 : path.posix;
}

async function isProgram(candidate: string): Promise<boolean> {
  try {
    await access(candidate, constants.X_OK);
    return (await stat(candidate)).isFile();
  } catch {
    return false;
  }
}

function explain(wanted: string, paths: readonly string[]): string {
  const place = paths.length === 1 && paths[0] !== undefined ? `at ${paths[0]}` : `"${wanted}" on the PATH`;
  return `Tokenward's server was not found: there is no program ${place}; install it, or set its path.`;
}
