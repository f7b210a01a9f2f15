import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

const ROOT = path.join(__dirname, "..", "..");
const LANGUAGES = ["de", "zh-cn"];
// `l10n.t` with its text in quotes of any kind, on the same line or on the next.
const TEXT = /\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`$]*`)/g;

async function texts(...file: string[]): Promise<Map<string, string>> {
  const content = JSON.parse(await readFile(path.join(ROOT, ...file), "utf8")) as Record<string, string>;
  return new Map(Object.entries(content));
}

/** Every text of the program that goes through `l10n.t`. */
async function spoken(): Promise<Set<string>> {
  const names = await readdir(path.join(ROOT, "src"), { recursive: true });
  const sources = await Promise.all(
    names.filter((name) => name.endsWith(".ts")).map((name) => readFile(path.join(ROOT, "src", name), "utf8")),
  );
  const literals = sources.flatMap((source) => [...source.matchAll(TEXT)].map(([, literal = ""]) => literal));
  return new Set(literals.map((literal) => literal.slice(1, -1).replaceAll(/\\(.)/g, "$1")));
}

/** What must be the same in every language: names in braces, commands and code. */
function fixed(text: string): string[] {
  return [...text.matchAll(/\{\w+\}|\(command:[^)]*\)|`[^`]*`/g)].map(([part]) => part).sort();
}

for (const language of LANGUAGES) {
  test(`the manifest speaks ${language}, with the same names, commands and code`, async () => {
    const [english, translated] = [await texts("package.nls.json"), await texts(`package.nls.${language}.json`)];
    assert.deepEqual([...translated.keys()].sort(), [...english.keys()].sort());
    for (const [key, text] of english) {
      assert.deepEqual(fixed(translated.get(key) ?? ""), fixed(text), key);
    }
  });

  test(`the extension speaks ${language}, and no translation is left over`, async () => {
    const translated = await texts("l10n", `bundle.l10n.${language}.json`);
    assert.deepEqual([...translated.keys()].sort(), [...(await spoken())].sort());
    for (const [english, text] of translated) {
      assert.deepEqual(fixed(text), fixed(english), english);
    }
  });
}
