import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Program } from "../client/connection";
import { SERVER_ARGUMENTS } from "../names";

const GRACE = 2_000;

/** Starts the server, with a folder behind those of its PATH; rejects if the system cannot. */
export async function startServer(
  { command, args }: Program,
  folder?: string,
): Promise<ChildProcessWithoutNullStreams> {
  const found = process.env["PATH"] ?? "";
  const PATH = folder === undefined ? found : [found, folder].join(path.delimiter);
  // Not in the workspace's folder, which is untrusted.
  const options = { cwd: path.dirname(command), windowsHide: true, env: { ...process.env, PATH } };
  const server = spawn(command, [...args, ...SERVER_ARGUMENTS], options);
  await once(server, "spawn");
  // The client notices the end of the output; an unhandled error event would reach the extension host.
  const ignore = (): void => undefined;
  server.on("error", ignore);
  server.stdin.on("error", ignore);
  return server;
}

/** Kills a server that does not exit when asked to. */
export function endServer(server: ChildProcessWithoutNullStreams): void {
  server.stdin.end();
  const timer = setTimeout(() => server.kill("SIGKILL"), GRACE);
  server.once("exit", () => {
    clearTimeout(timer);
  });
  if (server.exitCode !== null || server.signalCode !== null) {
    clearTimeout(timer);
  }
}
