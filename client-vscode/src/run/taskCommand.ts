import type { Program } from "../client/connection";

/** What a task of the type `tokenward` says. */
export interface TaskCommand {
  readonly command: string;
  readonly args?: readonly string[];
  readonly envFile?: string;
}

// What is no plain word would be a word of a shell's on Windows.
const SCRIPT = /^\w[\w:.-]*$/;
const MOST_SCRIPTS = 200;

/** The task that a definition describes; undefined when it describes none. */
export function parseTaskDefinition(definition: Readonly<Record<string, unknown>>): TaskCommand | undefined {
  const { command, args = [], envFile } = definition;
  const isList = Array.isArray(args) && args.every((one) => typeof one === "string");
  if (typeof command !== "string" || command === "" || !isList) {
    return undefined;
  }
  return { command, args: args.map(String), ...(typeof envFile === "string" ? { envFile } : {}) };
}

/** The words by which Tokenward runs a command with the workspace's tokens, after its program's name. */
export function runArguments({ args }: Program, { command, args: words = [], envFile }: TaskCommand): string[] {
  // In one word, so that a name that begins with a dash is no option.
  const option = envFile === undefined ? [] : [`--env-file=${envFile}`];
  return [...args, "run", ...option, "--", command, ...words];
}

/** The names of the scripts in a `package.json`. */
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
  // There npm is a batch file, which only the command processor starts.
  return platform === "win32"
    ? { command: "cmd.exe", args: ["/d", "/c", "npm", "run", name] }
    : { command: "npm", args: ["run", name] };
}
