import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

const SOURCES = path.join(__dirname, "..", "..", "src");
// Static, dynamic and type-only imports, and re-exports.
const IMPORT = /\b(?:from|import\()\s*"(\.[^"]+)"/g;

type Imports = ReadonlyMap<string, readonly string[]>;

async function importsOfSources(): Promise<Imports> {
  const files = (await readdir(SOURCES, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const entries = files.map(async (file): Promise<[string, string[]]> => {
    const source = await readFile(path.join(SOURCES, file), "utf8");
    const imported = [...source.matchAll(IMPORT)].map(([, name = ""]) => name.replace(/\.js$/, ""));
    return [withoutSuffix(file), imported.map((name) => path.join(path.dirname(file), name))];
  });
  return new Map(await Promise.all(entries));
}

function withoutSuffix(file: string): string {
  return file.replace(/\.ts$/, "");
}

/** Return the files of the first import circle, or nothing. */
function findCircle(imports: Imports): string[] {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) {
      return [...trail.slice(trail.indexOf(file)), file];
    }
    if (done.has(file)) {
      return [];
    }
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...trail, file]);
      if (circle.length > 0) {
        return circle;
      }
    }
    done.add(file);
    return [];
  };
  return [...imports.keys()].map((file) => visit(file, [])).find((circle) => circle.length > 0) ?? [];
}

test("a circle is found from any file", () => {
  const imports = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", []],
    ["d", ["b"]],
  ]);
  assert.deepEqual(findCircle(imports), ["b", "d", "b"]);
  assert.deepEqual(findCircle(new Map([["a", ["b"]]])), []);
});

test("no source files import each other in a circle, not even for types", async () => {
  const imports = await importsOfSources();
  assert.ok([...imports.values()].flat().every((file) => imports.has(file)), "an import is not understood");
  assert.deepEqual(findCircle(imports), []);
});
