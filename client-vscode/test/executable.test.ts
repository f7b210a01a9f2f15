import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { candidates, findServer, type Machine, ServerNotFound } from "../src/executable";

const ENDING = process.platform === "win32" ? ".exe" : "";
const made: string[] = [];
after(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function folder(): Promise<string> {
  const created = await realpath(await mkdtemp(path.join(tmpdir(), "tokenward-")));
  made.push(created);
  return created;
}

async function program(place: string, name = "tokenward"): Promise<string> {
  const file = path.join(place, name + ENDING);
  await writeFile(file, "");
  await chmod(file, 0o755);
  return file;
}

function machine(environment: NodeJS.ProcessEnv, home = homedir()): Machine {
  return { platform: process.platform, home, environment };
}

function onPath(...folders: string[]): Machine {
  return machine({ PATH: folders.join(path.delimiter) });
}

test("the default is found on the PATH, in its first folder that has it", async () => {
  const [empty, first, second] = [await folder(), await folder(), await folder()];
  const expected = await program(first);
  await program(second);
  assert.deepEqual(await findServer("tokenward", onPath(empty, first, second)), { command: expected, args: [] });
});

test("a full path in the setting wins over the variable and the PATH", async () => {
  const [chosen, development, usual] = [await folder(), await folder(), await folder()];
  const expected = await program(chosen, "my server");
  const environment = { PATH: usual, TOKENWARD_SERVER: await program(development) };
  await program(usual);
  assert.deepEqual(await findServer(expected, machine(environment)), { command: expected, args: [] });
});

test("the variable stands in while the setting is empty", async () => {
  const [development, usual] = [await folder(), await folder()];
  const expected = await program(development);
  const environment = { PATH: usual, TOKENWARD_SERVER: expected };
  await program(usual);
  for (const configured of ["", "  "]) {
    assert.deepEqual(await findServer(configured, machine(environment)), { command: expected, args: [] });
  }
});

test("a path that begins with ~/ is in the home folder", async () => {
  const home = await folder();
  const expected = await program(home);
  assert.deepEqual(await findServer(`~/tokenward${ENDING}`, machine({}, home)), { command: expected, args: [] });
});

test("a relative path is refused, even where there is a program", async () => {
  for (const wanted of ["./tokenward", "bin/tokenward", "../tokenward", "a/../tokenward"]) {
    await assert.rejects(findServer(wanted, onPath(await folder())), (error: unknown) => {
      assert.ok(error instanceof ServerNotFound);
      assert.match(error.message, /is a relative path/);
      return true;
    });
  }
});

test("no program in the current folder is started through an empty or relative entry of the PATH", async () => {
  const current = await folder();
  await program(current);
  await mkdir(path.join(current, "bin"));
  await program(path.join(current, "bin"));
  const before = process.cwd();
  process.chdir(current);
  try {
    await assert.rejects(findServer("tokenward", onPath("", ".", "bin", "./bin")), ServerNotFound);
  } finally {
    process.chdir(before);
  }
});

test("a folder of that name is no program", async () => {
  const place = await folder();
  await mkdir(path.join(place, `tokenward${ENDING}`));
  await assert.rejects(findServer("tokenward", onPath(place)), ServerNotFound);
});

test(
  "a file that may not be executed is no program",
  {
    skip: process.platform === "win32" && "Windows has no permission to execute",
  },
  async () => {
    const place = await folder();
    await chmod(await program(place), 0o644);
    await assert.rejects(findServer("tokenward", onPath(place)), ServerNotFound);
  },
);

test("what is missing is named, with what to do", async () => {
  const missing = path.join(await folder(), "nothing-here");
  await assert.rejects(findServer(missing, onPath()), (error: unknown) => {
    assert.ok(error instanceof ServerNotFound);
    assert.ok(error.message.includes(missing));
    assert.match(error.message, /install it, or set its path/);
    return true;
  });
  await assert.rejects(findServer("tokenward", machine({})), /no program "tokenward" on the PATH/);
});

test("on Windows the PATH is searched for .exe only, in full paths only", () => {
  const environment = { PATH: String.raw`;.;tools;C:tools;C:\Tools;D:\b` };
  const windows: Machine = { platform: "win32", home: String.raw`C:\Users\me`, environment };
  assert.deepEqual(candidates("tokenward", windows), [
    String.raw`C:\Tools\tokenward.exe`,
    String.raw`D:\b\tokenward.exe`,
  ]);
  assert.deepEqual(candidates(String.raw`~\x\t.exe`, windows), [String.raw`C:\Users\me\x\t.exe`]);
  for (const wanted of ["C:tokenward", String.raw`.\tokenward`, String.raw`a\tokenward`, "a/tokenward"]) {
    assert.throws(() => candidates(wanted, windows), ServerNotFound);
  }
});
