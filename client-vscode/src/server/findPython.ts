import { execFile } from "node:child_process";
import path from "node:path";
import { isInside } from "../util/isInside";
import { type Bundle, ISOLATION_FLAGS } from "./bundle";
import { candidatePaths, isExecutableFile, type Machine, ProgramNotFound } from "./findExecutable";

// The first start may wait for a virus scanner.
const PROBE_TIMEOUT = 10_000;
// Limits the delay that a PATH with many Pythons causes.
const MOST_PROBED = 8;
const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];

/** The result of probing a Python; an empty fault means that it can run the bundle. */
export interface ProbeResult {
  readonly executable: string;
  readonly version: string;
  readonly fault: string;
}

/** No Python can run the server. */
export class PythonNotFound extends Error {
  constructor(
    /** The path that the user has set, if any. */
    readonly configured: string,
    readonly rejected: readonly ProbeResult[],
  ) {
    super("no Python for the server");
  }
}

export interface PythonSearch {
  readonly configured: string;
  readonly machine: Machine;
  readonly bundle: Bundle;
  /** The workspace's folders; a Python inside them runs only if it is configured. */
  readonly folders: readonly string[];
  /** Returns the interpreter selected in the Python extension. */
  readonly selectedInterpreter: () => Promise<string | undefined>;
}

interface PythonCommand {
  readonly command: string;
  readonly args: readonly string[];
}

const usablePythons = new Map<string, string>();

/** Finds a Python for the server: the configured one, the bundled one, the selected interpreter, or one on the PATH. */
export async function findPython(search: PythonSearch): Promise<string> {
  const rejected: ProbeResult[] = [];
  for await (const start of runnableCommands(search)) {
    const answer = await probePython(start, search.bundle.probe);
    if (answer !== undefined && answer.fault !== "") {
      rejected.push(answer);
    } else if (answer !== undefined && (await isAllowed(answer.executable, search))) {
      return answer.executable;
    }
  }
  throw new PythonNotFound(search.configured, rejected);
}

async function* runnableCommands(search: PythonSearch): AsyncGenerator<PythonCommand> {
  let asked = 0;
  for await (const start of candidateCommands(search)) {
    if ((await isExecutableFile(start.command)) && (await isAllowed(start.command, search)) && asked++ < MOST_PROBED) {
      yield start;
    }
  }
}

async function* candidateCommands({ configured, machine, bundle, selectedInterpreter }: PythonSearch): AsyncGenerator<PythonCommand> {
  if (configured !== "") {
    yield* configuredPaths(configured, machine).map((command) => ({ command, args: [] }));
    return;
  }
  yield { command: bundle.python, args: [] };
  const chosen = await selectedInterpreter();
  if (chosen !== undefined && path.isAbsolute(chosen)) {
    yield { command: chosen, args: [] };
  }
  const named = NAMES.flatMap((name) => candidatePaths(name, machine)).filter((command) => !isInstallerStub(command, machine));
  yield* [...new Set(named)].map((command) => ({ command, args: [] }));
  if (machine.platform === "win32") {
    yield* candidatePaths("py", machine).map((command) => ({ command, args: ["-3"] }));
  }
}

function configuredPaths(configured: string, machine: Machine): string[] {
  try {
    return candidatePaths(configured, machine);
  } catch (error) {
    if (error instanceof ProgramNotFound) {
      return [];
    }
    throw error;
  }
}

/** Returns whether this is macOS's stub, which opens a dialog if no Python is installed and is too old otherwise. */
function isInstallerStub(command: string, machine: Machine): boolean {
  return machine.platform === "darwin" && command.startsWith("/usr/bin/");
}

async function isAllowed(command: string, { configured, folders }: PythonSearch): Promise<boolean> {
  return configured !== "" || !(await isInside(command, folders));
}

/** Probes a Python; returns undefined if it fails. Good results are cached. */
async function probePython(start: PythonCommand, probe: string): Promise<ProbeResult | undefined> {
  const key = [start.command, ...start.args, probe].join("\0");
  const known = usablePythons.get(key);
  if (known !== undefined && (await isExecutableFile(known))) {
    return { executable: known, version: "", fault: "" };
  }
  const answer = parseProbeResult(await runProbe(start, probe));
  if (answer?.fault === "") {
    usablePythons.set(key, answer.executable);
  }
  return answer;
}

function runProbe({ command, args }: PythonCommand, probe: string): Promise<string> {
  // Not in the workspace's folder, where some `python` programs look for the version to start.
  const options = { timeout: PROBE_TIMEOUT, cwd: path.dirname(command), windowsHide: true };
  return new Promise((resolve) => {
    execFile(command, [...args, ...ISOLATION_FLAGS, probe], options, (error, stdout) => {
      resolve(error === null ? stdout : "");
    });
  });
}

function parseProbeResult(output: string): ProbeResult | undefined {
  try {
    const { executable, version, fault } = JSON.parse(output) as Record<string, unknown>;
    if (typeof executable === "string" && typeof version === "string" && typeof fault === "string") {
      return path.isAbsolute(executable) ? { executable, version, fault } : undefined;
    }
  } catch {
    // Not a Python, or a broken one.
  }
  return undefined;
}
