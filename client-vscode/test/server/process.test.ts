import assert from "node:assert/strict";
import { once } from "node:events";
import path from "node:path";
import { test } from "node:test";
import type { Program } from "../../src/client/connection";
import { endServer, startServer } from "../../src/server/process";

function script(text: string): Program {
  return { command: process.execPath, args: ["-e", text] };
}

test("a server starts with its subcommand, outside the workspace", async () => {
  const server = await startServer(script("console.log(JSON.stringify([process.cwd(), process.argv.at(-1)]))"));
  const [said] = (await once(server.stdout, "data")) as [Buffer];
  assert.deepEqual(JSON.parse(said.toString()), [path.dirname(process.execPath), "server"]);
});

test("a server finds the command of the terminals, behind all others of that name", async () => {
  const server = await startServer(script("console.log(process.env.PATH)"), "/a folder");
  const [said] = (await once(server.stdout, "data")) as [Buffer];
  assert.equal(said.toString().trim(), `${process.env["PATH"] ?? ""}${path.delimiter}/a folder`);
  await once(server, "exit");
});

test("a program that cannot start is rejected", async () => {
  await assert.rejects(startServer({ command: path.join(__dirname, "none", "there"), args: [] }), /ENOENT/);
});

test("a server that is gone raises no unhandled error, even on writes", async () => {
  const server = await startServer(script("process.exit()"));
  await once(server, "exit");
  server.stdin.write("x".repeat(1_000_000));
  server.emit("error", new Error("it could not be killed"));
  endServer(server);
  await new Promise((resolve) => server.stdin.once("close", resolve));
});

test("a server ends with its input, or is killed", async () => {
  const willing = await startServer(script("process.stdin.resume()"));
  endServer(willing);
  assert.deepEqual(await once(willing, "exit"), [0, null]);
  const deaf = await startServer(script("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"));
  endServer(deaf);
  assert.deepEqual(await once(deaf, "exit"), [null, "SIGKILL"]);
});
