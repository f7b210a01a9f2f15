import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Connection } from "../../src/client/connection";
import type { StoredToken } from "../../src/protocol";
import {
  groupByWorkspace,
  relativeTime,
  tokenDescription,
  tokenDetails,
  validateTokenName,
} from "../../src/tokens/storedToken";
import { StoredTokenList } from "../../src/tokens/storedTokenList";
import { l10n } from "../findings";
import { connect } from "../rpcClient";

const NOW = Date.parse("2026-11-25T12:00:00Z");
const ENGLISH = { now: NOW, language: "en" };

function stored(given: Partial<StoredToken> = {}): StoredToken {
  const { workspace = "acme", name = "GITHUB_TOKEN" } = given;
  return {
    reference: `keyring://${workspace}/${name}`,
    workspace,
    name,
    provider: "GitHub",
    label: "token, 40 characters",
    uri: "file:///home/user/acme",
    created: "2026-11-20T12:00:00Z",
    lastUsed: null,
    lease: "",
    leaseState: "open",
    ...given,
  };
}

test("relative times use the largest unit that fits, in the editor's language", () => {
  const said = (time: string, language = "en"): string => relativeTime(time, { now: NOW, language });
  assert.equal(said("2026-11-25T11:59:59Z"), "now");
  assert.equal(said("2026-11-25T11:59:00Z"), "1 minute ago");
  assert.equal(said("2026-11-25T02:00:00+00:00"), "10 hours ago");
  assert.equal(said("2026-11-24T12:00:00Z"), "yesterday");
  assert.equal(said("2026-11-15T12:00:00Z"), "last week");
  assert.equal(said("2026-09-01T12:00:00Z"), "2 months ago");
  assert.equal(said("2020-09-01T12:00:00Z"), "6 years ago");
  assert.equal(said("2026-11-24T12:00:00Z", "de"), "gestern");
  assert.equal(said("2026-11-25T11:57:00Z", "zh-cn"), "3分钟前");
});

test("a clock that was set back gives no time in the future", () => {
  assert.equal(relativeTime("2026-11-25T14:00:00Z", ENGLISH), "now");
});

test("a token's description has its provider, lease and last use, if known", () => {
  assert.equal(tokenDescription(stored(), ENGLISH, l10n), "GitHub · never used");
  const used = stored({ provider: "", lease: "until 14:00", lastUsed: "2026-11-25T11:00:00Z" });
  assert.equal(tokenDescription(used, ENGLISH, l10n), "until 14:00 · last used 1 hour ago");
  assert.deepEqual(tokenDetails(used, ENGLISH, l10n), [
    "keyring://acme/GITHUB_TOKEN",
    "token, 40 characters",
    "Lease: until 14:00",
    "Stored 5 days ago",
    "Last used 1 hour ago",
  ]);
});

test("tokens are listed by workspace and name", () => {
  const tokens = [["b", "Z"], ["a", "Z"], ["b", "A"]].map(([workspace = "", name = ""]) => stored({ workspace, name }));
  const listed = groupByWorkspace(tokens).map(([workspace, all]) => [workspace, ...all.map(({ name }) => name)]);
  assert.deepEqual(listed, [["a", "Z"], ["b", "A", "Z"]]);
});

test("a new name must be valid and free in its workspace", () => {
  const token = stored();
  const all = [token, stored({ name: "TAKEN" }), stored({ workspace: "other", name: "FREE" })];
  const problem = (name: string): string | undefined => validateTokenName(name, token, all, l10n);
  for (const name of ["FREE", "_a", "x".repeat(128), token.name]) {
    assert.equal(problem(name), undefined, name);
  }
  for (const name of ["", "1A", "A-B", "A B", "É", "A\n", "x".repeat(129)]) {
    assert.match(problem(name) ?? "", /letters/, name);
  }
  assert.equal(problem("TAKEN"), "Another token already has this name.");
});

test("the list keeps the server's last answer if a request fails", async (context) => {
  const connection = new Connection();
  const complaints: string[] = [];
  const list = new StoredTokenList(connection, { warn: (text: string) => complaints.push(text) });
  const { server, wire } = connect(context, connection);
  const answers: unknown[] = [{ tokens: [stored()] }, null];
  server.onRequest("tokenward/tokens", () => {
    if (answers.length === 0) {
      throw new Error("canary");
    }
    return answers.shift();
  });
  const changed = new Promise<void>((resolve) => list.onDidChange(resolve));
  list.refresh();
  await changed;
  assert.deepEqual(list.tokens, [stored()]);
  list.refresh();
  list.refresh();
  await until(() => complaints.length === 1);
  connection.detachClient(wire);
  list.refresh();
  await until(() => complaints.length === 2);
  assert.deepEqual(list.tokens, [stored()]);
  assert.ok(!complaints.join().includes("canary"));
});

test("an outdated answer is ignored", async (context) => {
  const connection = new Connection();
  const list = new StoredTokenList(connection, { warn: () => undefined });
  const { server } = connect(context, connection);
  const signal = new EventTarget();
  const held = once(signal, "release");
  let asked = 0;
  server.onRequest("tokenward/tokens", async () => {
    asked += 1;
    if (asked === 1) {
      await held;
      return { tokens: [stored({ name: "OLD" })] };
    }
    return { tokens: [stored({ name: "NEW" })] };
  });
  const names: string[] = [];
  list.onDidChange(() => names.push(...list.tokens.map(({ name }) => name)));
  list.refresh();
  list.refresh();
  await until(() => names.length === 1);
  signal.dispatchEvent(new Event("release"));
  list.refresh();
  await until(() => names.length === 2);
  assert.deepEqual(names, ["NEW", "NEW"]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise(setImmediate);
  }
}
