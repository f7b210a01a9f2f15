import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { candidatePaths, findExecutable, type Machine, ProgramNotFound } from "../../src/server/findExecutable";

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

test("a name is found on the PATH, in its first folder that has it", async () => {
  const [empty, first, second] = [await folder(), await folder(), await folder()];
  const expected = await program(first);
  await program(second);
  assert.deepEqual(await findExecutable("tokenward", onPath(empty, first, second)), expected);
});

test("a path with ~/ is in the home folder", async () => {
  const home = await folder();
  const expected = await program(home);
  assert.deepEqual(await findExecutable(`~/tokenward${ENDING}`, machine({}, home)), expected);
});

test("a relative path is refused, even where there is a program", async () => {
  for (const wanted of ["./tokenward", "bin/tokenward", "../tokenward", "a/../tokenward"]) {
    await assert.rejects(findExecutable(wanted, onPath(await folder())), (error: unknown) => {
      assert.ok(error instanceof ProgramNotFound);
      assert.equal(error.reason, "relative");
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
    await assert.rejects(findExecutable("tokenward", onPath("", ".", "bin", "./bin")), ProgramNotFound);
  } finally {
    process.chdir(before);
  }
});

test("a folder is not a program", async () => {
  const place = await folder();
  await mkdir(path.join(place, `tokenward${ENDING}`));
  await assert.rejects(findExecutable("tokenward", onPath(place)), ProgramNotFound);
});

test(
  "a file that may not be executed is no program",
  {
    skip: process.platform === "win32" && "Windows has no permission to execute",
  },
  async () => {
    const place = await folder();
    await chmod(await program(place), 0o644);
    await assert.rejects(findExecutable("tokenward", onPath(place)), ProgramNotFound);
  },
);

test("an error names the missing program", async () => {
  const missing = path.join(await folder(), "nothing-here");
  await assert.rejects(findExecutable(missing, onPath()), new ProgramNotFound(missing, "absent"));
  await assert.rejects(findExecutable("~/nothing-here", machine({}, path.dirname(missing))), new ProgramNotFound(missing, "absent"));
  await assert.rejects(findExecutable("tokenward", machine({})), new ProgramNotFound("tokenward", "notOnPath"));
});

test("on Windows the PATH is searched for .exe only, in full paths only", () => {
  const environment = { PATH: String.raw`;.;tools;C:tools;C:\Tools;D:\b` };
  const windows: Machine = { platform: "win32", home: String.raw`C:\Users\me`, environment };
  assert.deepEqual(candidatePaths("tokenward", windows), [
    String.raw`C:\Tools\tokenward.exe`,
    String.raw`D:\b\tokenward.exe`,
  ]);
  assert.deepEqual(candidatePaths(String.raw`~\x\t.exe`, windows), [String.raw`C:\Users\me\x\t.exe`]);
  for (const wanted of ["C:tokenward", String.raw`.\tokenward`, String.raw`a\tokenward`, "a/tokenward"]) {
    assert.throws(() => candidatePaths(wanted, windows), ProgramNotFound);
  }
});
