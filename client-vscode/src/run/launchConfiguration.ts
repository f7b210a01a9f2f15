import path from "node:path";
import { REFERENCE_PREFIX } from "../names";
import type { LaunchParams, LaunchResult } from "../protocol";

/** A debug configuration of any type. */
export type LaunchConfiguration = Readonly<Record<string, unknown>>;

/** The parts of a configuration that may contain references, as the server expects them. */
export type LaunchRequest = Omit<LaunchParams, "uri">;

const LOGGING_OPTIONS = ["trace", "logToFile"];
const NODE_TYPES = new Set(["node", "pwa-node"]);
const PYTHON_TYPES = new Set(["python", "debugpy"]);

/** Returns the request for the server, or undefined if the configuration cannot refer to a token. */
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

/** Returns whether the configuration itself contains references, not only perhaps its environment files. */
export function hasReferences({ env, args }: LaunchRequest): boolean {
  return [...Object.values(env), ...args].some((text) => text.includes(REFERENCE_PREFIX));
}

/** Replaces references with values, in the options that the configuration already has. */
export function withResolvedTokens(
  configuration: LaunchConfiguration,
  { env, args, changed }: LaunchResult,
): LaunchConfiguration {
  if (!changed) {
    return configuration;
  }
  const result: Record<string, unknown> = { ...configuration };
  delete result["envFile"];
  if (Array.isArray(configuration["environment"])) {
    result["environment"] = Object.entries(env).map(([name, value]) => ({ name, value }));
  }
  if (!Array.isArray(configuration["environment"]) || configuration["env"] !== undefined) {
    // Other values, such as null to remove a variable, are left to the debugger.
    result["env"] = { ...asRecord(configuration["env"]), ...env };
  }
  if (configuration["args"] !== undefined) {
    result["args"] = typeof configuration["args"] === "string" ? (args[0] ?? "") : replaceStrings(configuration["args"], args);
  }
  return result;
}

/**
 * Returns whether VS Code would type values into a terminal or pass them on a command line, where others can read them.
 */
export function wouldTypeTokens(
  { type, console }: LaunchConfiguration,
  { args }: LaunchRequest,
  response: LaunchResult,
): boolean {
  if (!response.changed || (console !== "integratedTerminal" && console !== "externalTerminal")) {
    return false;
  }
  if (console === "externalTerminal") {
    return true;
  }
  // Python's debugger passes the variables itself.
  return !PYTHON_TYPES.has(String(type)) || response.args.some((one, index) => one !== args[index]);
}

/** Returns the option that makes the debugger log its launch and thus the values, or undefined. */
export function loggingOption(configuration: LaunchConfiguration, { changed }: LaunchResult): string | undefined {
  return changed ? LOGGING_OPTIONS.find((option) => isOn(configuration[option])) : undefined;
}

/** Returns whether an option is on. The JavaScript debugger turns it into an object whose members default to off. */
function isOn(option: unknown): boolean {
  return typeof option === "object" ? Object.values(asRecord(option)).some(Boolean) : Boolean(option);
}

function replaceStrings(before: unknown, args: readonly string[]): unknown {
  const left = [...args];
  return Array.isArray(before) ? before.map((one: unknown) => (typeof one === "string" ? left.shift() : one)) : before;
}

/** Returns the program that gets the tokens, if known; a lease may be limited to it. */
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
