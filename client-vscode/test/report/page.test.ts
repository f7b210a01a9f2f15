import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { forbidsScripts } from "../../src/report/page";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

function page(policy: string, before = ""): string {
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">${before}${meta}</head><body></body></html>\n`;
}

test("the server's policy forbids scripts", async () => {
  const style = path.join(__dirname, "..", "..", "..", "..", "server", "tokenward", "presentation", "page_style.py");
  assert.ok((await readFile(style, "utf8")).includes(`_POLICY = "${POLICY}"`));
  assert.ok(forbidsScripts(page(POLICY)));
});

test("a page without a strict policy at its start is rejected", () => {
  const open = [
    "",
    "<!doctype html><html><head></head></html>",
    page("default-src 'self';"),
    page("default-src 'none'; script-src 'unsafe-inline'"),
    page("default-src 'none'; img-src https:"),
    page("default-src 'none'; img-src *"),
    page(POLICY, "<script>alert(1)</script>"),
    page(POLICY, '<link rel="stylesheet" href="x">'),
    `<p>${page(POLICY)}`,
    page(POLICY).replace("http-equiv", "name"),
  ];
  for (const html of open) {
    assert.ok(!forbidsScripts(html), html);
  }
});
