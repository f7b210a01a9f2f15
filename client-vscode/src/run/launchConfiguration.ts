import path from "node:path";
import { REFERENCE_PREFIX } from "../names";

/** A debug configuration, of whatever type. */
export type LaunchConfiguration = Readonly<Record<string, unknown>>;

/** What of a configuration may refer to tokens, as the server is asked about it. */
export interface LaunchRequest {
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly string[];
  readonly args: readonly string[];
  readonly program: string | null;
}

export interface LaunchResponse {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly changed: boolean;
}

const LOGGING_OPTIONS = ["trace", "logToFile"];
const NODE_TYPES = new Set(["node", "pwa-node"]);
const PYTHON_TYPES = new Set(["python", "debugpy"]);

/** What the server is to look at; undefined when nothing in the configuration can refer to a token. */
export function launchRequest(configuration: LaunchConfiguration, folder: string): LaunchRequest | undefined {
  const { env, args, envFile } = configuration;
  const start: LaunchRequest = {
    env: { ...environmentVariables(configuration["environment"]), ...stringEntries(env) },
    envFiles: asStrings(envFile).map((file) => path.resolve(folder, file)),
    args: asStrings(args),
    program: programName(configuration),
  };
  return start.envFiles.length > 0 || hasReferences(start) ? start : undefined;
}

/** Whether tokens are named in the configuration itself, and not perhaps in a file that it names. */
export function hasReferences({ env, args }: LaunchRequest): boolean {
  return [...Object.values(env), ...args].some((text) => text.includes(REFERENCE_PREFIX));
}

/** The configuration with values in place of references, in the options that it already has. */
export function withResolvedTokens(configuration: LaunchConfiguration, { env, args, changed }: LaunchResponse): LaunchConfiguration {
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
    result["env"] = { ...asRecord(configuration["env"]), ...env };
  }
  if (configuration["args"] !== undefined) {
    result["args"] = typeof configuration["args"] === "string" ? (args[0] ?? "") : replaceStrings(configuration["args"], args);
  }
  return result;
}

/** Whether the editor would write values into a terminal or on a helper's command line, where others read them. */
export function wouldTypeTokens({ type, console }: LaunchConfiguration, { args }: LaunchRequest, launched: LaunchResponse): boolean {
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
export function loggingOption(configuration: LaunchConfiguration, { changed }: LaunchResponse): string | undefined {
  return changed ? LOGGING_OPTIONS.find((option) => isOn(configuration[option])) : undefined;
}

/** Whether an option is on; of JavaScript's debugger it is by then an object, whose parts are all off by default. */
function isOn(option: unknown): boolean {
  return typeof option === "object" ? Object.values(asRecord(option)).some(Boolean) : Boolean(option);
}

function replaceStrings(before: unknown, args: readonly string[]): unknown {
  const left = [...args];
  return Array.isArray(before) ? before.map((one: unknown) => (typeof one === "string" ? left.shift() : one)) : before;
}

/** The program that gets the tokens, as far as the configuration tells; leases may be limited to it. */
function programName({ type, runtimeExecutable, python, program }: LaunchConfiguration): string | null {
  if (typeof runtimeExecutable === "string") {
    return runtimeExecutable;
  }
  if (NODE_TYPES.has(String(type))) {
    return "node";
  }
  if (PYTHON_TYPES.has(String(type))) {
    return asStrings(python)[0] ?? "python";
  }
  return typeof program === "string" ? program : null;
}

function environmentVariables(environment: unknown): Record<string, string> {
  const entries = Array.isArray(environment) ? environment.map(asRecord) : [];
  return stringEntries(Object.fromEntries(entries.map(({ name, value }) => [String(name), value])));
}

function stringEntries(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asRecord(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function asStrings(value: unknown): string[] {
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === "string" && one !== "").map(String);
}
