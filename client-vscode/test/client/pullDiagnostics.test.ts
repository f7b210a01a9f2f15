import assert from "node:assert/strict";
import { test } from "node:test";
import type { Uri } from "vscode";
import { addForgottenDocuments } from "../../src/client/pullDiagnostics";

const OURS = { source: "tokenward" };
const ANOTHERS = { source: "ts" };

function uri(text: string): Uri {
  return { toString: () => text } as unknown as Uri;
}

function asked(...parameters: Parameters<typeof addForgottenDocuments>): string[] {
  return addForgottenDocuments(...parameters).map((id) => `${id.uri.toString()} ${id.value}`);
}

test("ids that the library has are kept", () => {
  const known = [
    { uri: uri("file:///a"), value: "1" },
    { uri: uri("file:///b"), value: "2" },
  ];
  assert.deepEqual(asked(known, [[uri("file:///a"), [OURS]]]), ["file:///a 1", "file:///b 2"]);
});

test("a shown document without an id gets one that the server never uses", () => {
  const shown = [[uri("file:///a"), [ANOTHERS, OURS]] as const];
  assert.deepEqual(asked([{ uri: uri("file:///b"), value: "2" }], shown), ["file:///b 2", "file:///a forgotten"]);
});

test("other extensions' diagnostics are left out", () => {
  const shown = [[uri("file:///a"), [ANOTHERS]] as const, [uri("file:///b"), []] as const];
  assert.deepEqual(asked([], shown), []);
});
