import type { Program } from "../client/connection";

/** The definition of a `tokenward` task. */
export interface TaskCommand {
  readonly command: string;
  readonly args?: readonly string[];
  readonly envFile?: string;
}

// On Windows, a shell would interpret any other characters.
const SCRIPT = /^\w[\w:.-]*$/;
const MOST_SCRIPTS = 200;

/** Parses a task definition; returns undefined if it is invalid. */
export function parseTaskDefinition(definition: Readonly<Record<string, unknown>>): TaskCommand | undefined {
  const { command, args = [], envFile } = definition;
  const isList = Array.isArray(args) && args.every((one) => typeof one === "string");
  if (typeof command !== "string" || command === "" || !isList) {
    return undefined;
  }
  return { command, args: args.map(String), ...(typeof envFile === "string" ? { envFile } : {}) };
}

/** Returns the arguments for Tokenward to run a command with the workspace's tokens. */
export function runArguments({ args }: Program, { command, args: words = [], envFile }: TaskCommand): string[] {
  // A single argument, so that a name with a leading dash is not an option.
  const option = envFile === undefined ? [] : [`--env-file=${envFile}`];
  return [...args, "run", ...option, "--", command, ...words];
}

/** Returns the script names in a `package.json`. */
export function npmScripts(manifest: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(manifest);
  } catch {
    return [];
  }
  const scripts: unknown = typeof parsed === "object" && parsed !== null && "scripts" in parsed ? parsed.scripts : null;
  const names = typeof scripts === "object" && scripts !== null && !Array.isArray(scripts) ? Object.keys(scripts) : [];
  return names.filter((name) => SCRIPT.test(name)).slice(0, MOST_SCRIPTS);
}

export function npmScriptCommand(name: string, platform: NodeJS.Platform): TaskCommand {
  // On Windows, npm is a batch file, which only the command processor can start.
  return platform === "win32"
    ? { command: "cmd.exe", args: ["/d", "/c", "npm", "run", name] }
    : { command: "npm", args: ["run", name] };
}
