import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { readHead } from "../../src/util/readHead";

const made: string[] = [];
after(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));

async function folder(): Promise<string> {
  const created = await mkdtemp(path.join(tmpdir(), "tokenward-"));
  made.push(created);
  return created;
}

test("only the head of a file is read", async () => {
  const file = path.join(await folder(), ".env");
  await writeFile(file, "A=b\n" + "x".repeat(2_000_000));
  const text = await readHead(file);
  assert.ok(text.startsWith("A=b\n") && text.length === 1_000_000);
});

test("anything but a file is empty, without a wait", async () => {
  const place = await folder();
  assert.equal(await readHead(place), "");
  assert.equal(await readHead(path.join(place, "none")), "");
  if (process.platform !== "win32") {
    const pipe = path.join(place, "pipe");
    execFileSync("mkfifo", [pipe]);
    assert.equal(await readHead(pipe), "");
  }
});
