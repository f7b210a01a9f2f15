import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Program } from "../client/connection";
import { SERVER_ARGUMENTS } from "../names";

const GRACE = 2_000;

/** Start the server; rejected when the system cannot. */
export async function startServer({ command, args }: Program): Promise<ChildProcessWithoutNullStreams> {
  // Not in the workspace's folder: what lies there is not to be trusted.
  const server = spawn(command, [...args, ...SERVER_ARGUMENTS], { cwd: path.dirname(command), windowsHide: true });
  await once(server, "spawn");
  // That it has ended is told by the end of its output; an error that nobody hears would be one of the extension host.
  const ignore = (): void => undefined;
  server.on("error", ignore);
  server.stdin.on("error", ignore);
  return server;
}

/** Kill a server that was told to end and does not. */
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
