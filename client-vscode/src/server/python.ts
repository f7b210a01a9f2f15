import { execFile } from "node:child_process";
import path from "node:path";
import { ISOLATED } from "./bundled";
import { candidates, isProgram, type Machine, ProgramNotFound } from "./executable";
import { isInside } from "../util/isInside";

// The first that can run the bundle may have to unpack it.
const LIMIT = 10_000;
// So that a PATH with many Pythons does not hold up the start for long.
const MOST_ASKED = 8;
const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];

/** A Python that was asked, and what keeps it from running the bundle; nothing does when that is empty. */
export interface Answer {
  readonly executable: string;
  readonly version: string;
  readonly fault: string;
}

/** No Python can run the server. */
export class PythonNotFound extends Error {
  constructor(
    /** What the user had set, if anything. */
    readonly configured: string,
    readonly unfit: readonly Answer[],
  ) {
    super("no Python for the server");
  }
}

export interface PythonSearch {
  readonly configured: string;
  readonly machine: Machine;
  /** The script that a Python answers by. */
  readonly probe: string;
  /** Folders of the workspace: what lies there is started only if it is configured. */
  readonly folders: readonly string[];
  /** The Python that another extension has chosen. */
  readonly chosenElsewhere: () => Promise<string | undefined>;
}

interface Start {
  readonly command: string;
  readonly args: readonly string[];
}

const fit = new Map<string, string>();

/** The full path of a Python that can run the server: the configured one, the one chosen elsewhere, one on the PATH. */
export async function findPython(search: PythonSearch): Promise<string> {
  const unfit: Answer[] = [];
  for await (const start of starts(search)) {
    const answer = await ask(start, search.probe);
    if (answer !== undefined && answer.fault !== "") {
      unfit.push(answer);
    } else if (answer !== undefined && (await mayRun(answer.executable, search))) {
      return answer.executable;
    }
  }
  throw new PythonNotFound(search.configured, unfit);
}

async function* starts(search: PythonSearch): AsyncGenerator<Start> {
  let asked = 0;
  for await (const start of everyStart(search)) {
    if ((await isProgram(start.command)) && (await mayRun(start.command, search)) && asked++ < MOST_ASKED) {
      yield start;
    }
  }
}

async function* everyStart({ configured, machine, chosenElsewhere }: PythonSearch): AsyncGenerator<Start> {
  if (configured !== "") {
    yield* places(configured, machine).map((command) => ({ command, args: [] }));
    return;
  }
  const chosen = await chosenElsewhere();
  if (chosen !== undefined && path.isAbsolute(chosen)) {
    yield { command: chosen, args: [] };
  }
  const named = NAMES.flatMap((name) => candidates(name, machine)).filter((command) => !asksToInstall(command, machine));
  yield* [...new Set(named)].map((command) => ({ command, args: [] }));
  if (machine.platform === "win32") {
    yield* candidates("py", machine).map((command) => ({ command, args: ["-3"] }));
  }
}

function places(configured: string, machine: Machine): string[] {
  try {
    return candidates(configured, machine);
  } catch (error) {
    if (error instanceof ProgramNotFound) {
      return [];
    }
    throw error;
  }
}

/** Whether it is the program of macOS that opens a dialog where no Python is installed, and is too old where one is. */
function asksToInstall(command: string, machine: Machine): boolean {
  return machine.platform === "darwin" && command.startsWith("/usr/bin/");
}

async function mayRun(command: string, { configured, folders }: PythonSearch): Promise<boolean> {
  return configured !== "" || !(await isInside(command, folders));
}

/** What a Python answers; undefined when it gives none. A good answer is remembered. */
async function ask(start: Start, probe: string): Promise<Answer | undefined> {
  const key = [start.command, ...start.args, probe].join("\0");
  const known = fit.get(key);
  if (known !== undefined && (await isProgram(known))) {
    return { executable: known, version: "", fault: "" };
  }
  const answer = parsed(await outputOf(start, probe));
  if (answer?.fault === "") {
    fit.set(key, answer.executable);
  }
  return answer;
}

function outputOf({ command, args }: Start, probe: string): Promise<string> {
  // Not in the workspace's folder: some programs called `python` look there for which one to start.
  const options = { timeout: LIMIT, cwd: path.dirname(command), windowsHide: true };
  return new Promise((resolve) => {
    execFile(command, [...args, ...ISOLATED, probe], options, (error, stdout) => {
      resolve(error === null ? stdout : "");
    });
  });
}

function parsed(output: string): Answer | undefined {
  try {
    const { executable, version, fault } = JSON.parse(output) as Record<string, unknown>;
    if (typeof executable === "string" && typeof version === "string" && typeof fault === "string") {
      return path.isAbsolute(executable) ? { executable, version, fault } : undefined;
    }
  } catch {
    // No Python, or a broken one.
  }
  return undefined;
}
