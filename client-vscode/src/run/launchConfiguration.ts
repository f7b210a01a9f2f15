import path from "node:path";

/** A debug configuration, of whatever type. */
export type Configuration = Readonly<Record<string, unknown>>;

/** What of a configuration may refer to tokens, as the server is asked about it. */
export interface Start {
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly string[];
  readonly args: readonly string[];
  readonly program: string | null;
}

export interface Launched {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly changed: boolean;
}

const LOGGING_OPTIONS = ["trace", "logToFile"];
const REFERENCE = "keyring://";
const NODE_TYPES = new Set(["node", "pwa-node"]);
const PYTHON_TYPES = new Set(["python", "debugpy"]);

/** What the server is to look at; undefined when nothing in the configuration can refer to a token. */
export function startOf(configuration: Configuration, folder: string): Start | undefined {
  const { env, args, envFile } = configuration;
  const start: Start = {
    env: { ...variablesOf(configuration["environment"]), ...textsOf(env) },
    envFiles: listOf(envFile).map((file) => path.resolve(folder, file)),
    args: listOf(args),
    program: programOf(configuration),
  };
  return start.envFiles.length > 0 || refers(start) ? start : undefined;
}

/** Whether tokens are named in the configuration itself, and not perhaps in a file that it names. */
export function refers({ env, args }: Start): boolean {
  return [...Object.values(env), ...args].some((text) => text.includes(REFERENCE));
}

/** The configuration with values in place of references, in the options that it already has. */
export function launchedWith(configuration: Configuration, { env, args, changed }: Launched): Configuration {
  if (!changed) {
    return configuration;
  }
  const result: Record<string, unknown> = { ...configuration };
  delete result["envFile"];
  if (Array.isArray(configuration["environment"])) {
    result["environment"] = Object.entries(env).map(([name, value]) => ({ name, value }));
  }
  if (!Array.isArray(configuration["environment"]) || configuration["env"] !== undefined) {
    // What is no text, such as null for a variable that is to be taken away, is the debugger's business.
    result["env"] = { ...recordOf(configuration["env"]), ...env };
  }
  if (configuration["args"] !== undefined) {
    result["args"] = typeof configuration["args"] === "string" ? (args[0] ?? "") : mended(configuration["args"], args);
  }
  return result;
}

/** Whether the editor would write values into a terminal or on a helper's command line, where others read them. */
export function wouldBeTyped({ type, console }: Configuration, { args }: Start, launched: Launched): boolean {
  if (!launched.changed || (console !== "integratedTerminal" && console !== "externalTerminal")) {
    return false;
  }
  if (console === "externalTerminal") {
    return true;
  }
  // Python's debugger hands over the variables by itself.
  return !PYTHON_TYPES.has(String(type)) || launched.args.some((one, index) => one !== args[index]);
}

/** The option by which the debugger writes its start, values included, to a log; undefined when none is set. */
export function loggedBy(configuration: Configuration, { changed }: Launched): string | undefined {
  return changed ? LOGGING_OPTIONS.find((option) => isOn(configuration[option])) : undefined;
}

/** Whether an option is on; of JavaScript's debugger it is by then an object, whose parts are all off by default. */
function isOn(option: unknown): boolean {
  return typeof option === "object" ? Object.values(recordOf(option)).some(Boolean) : Boolean(option);
}

function mended(before: unknown, args: readonly string[]): unknown {
  const left = [...args];
  return Array.isArray(before) ? before.map((one: unknown) => (typeof one === "string" ? left.shift() : one)) : before;
}

/** The program that gets the tokens, as far as the configuration tells; leases may be limited to it. */
function programOf({ type, runtimeExecutable, python, program }: Configuration): string | null {
  if (typeof runtimeExecutable === "string") {
    return runtimeExecutable;
  }
  if (NODE_TYPES.has(String(type))) {
    return "node";
  }
  if (PYTHON_TYPES.has(String(type))) {
    return listOf(python)[0] ?? "python";
  }
  return typeof program === "string" ? program : null;
}

function variablesOf(environment: unknown): Record<string, string> {
  const entries = Array.isArray(environment) ? environment.map(recordOf) : [];
  return textsOf(Object.fromEntries(entries.map(({ name, value }) => [String(name), value])));
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): string[] {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === "string" && one !== "").map(String);
}
