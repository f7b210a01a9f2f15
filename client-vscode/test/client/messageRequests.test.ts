import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { Connection } from "../../src/client/connection";
import { answerMessageRequests, DENY, type Question } from "../../src/client/messageRequests";
import { connect } from "../rpcClient";

const METHOD = "window/showMessageRequest";

async function asked(context: TestContext, params: object, answer?: string): Promise<[Question[], unknown]> {
  const connection = new Connection();
  const questions: Question[] = [];
  answerMessageRequests(connection, (question) => {
    questions.push(question);
    return Promise.resolve(answer);
  });
  const result: unknown = await connect(context, connection).server.sendRequest(METHOD, params);
  return [questions, result];
}

test("a question with consequences is modal, and its first button does not approve", async (context) => {
  const actions = ["Once", "This session", "Deny"].map((title) => ({ title }));
  const message = "A command wants to read API_KEY.\n\nAsked by: sh ← code\nFolder: ~/acme";
  const [questions, result] = await asked(context, { type: 2, message, actions }, "Once");
  assert.deepEqual(questions, [
    {
      sentence: "A command wants to read API_KEY.",
      detail: "Asked by: sh ← code\nFolder: ~/acme",
      titles: ["Deny", "Once", "This session"],
      isModal: true,
    },
  ]);
  assert.deepEqual(result, { title: "Once" });
});

test("closing a question answers with null", async (context) => {
  const params = { type: 2, message: "Delete permanently?", actions: [{ title: "Delete permanently" }] };
  const [questions, result] = await asked(context, params);
  assert.deepEqual(questions[0]?.titles, ["Delete permanently"]);
  assert.ok(questions[0].isModal);
  assert.equal(result, null);
});

test("an informational question is not modal", async (context) => {
  const [questions] = await asked(context, { type: 3, message: "Stored.", actions: [{ title: "Clear" }] });
  assert.equal(questions[0]?.isModal, false);
});

test("a question without buttons is not modal", async (context) => {
  const [questions, result] = await asked(context, { type: 2, message: "" });
  assert.deepEqual(questions, [{ sentence: "", detail: "", titles: [], isModal: false }]);
  assert.equal(result, null);
});

test("the titles for refusing match the server's", async () => {
  const server = path.join(__dirname, "..", "..", "..", "..", "server", "tokenward");
  const [english, ...translated] = DENY;
  assert.match(await readFile(path.join(server, "presentation", "approvals.py"), "utf8"), new RegExp(`DENY = \\w+\\("${english ?? ""}"\\)`));
  const folder = path.join(server, "languages");
  const tables = (await readdir(folder)).filter((name) => name.endsWith(".toml")).sort();
  const texts = await Promise.all(tables.map((name) => readFile(path.join(folder, name), "utf8")));
  const known = texts.map((text) => new RegExp(`^"${english ?? ""}" = "(.*)"$`, "m").exec(text)?.[1]);
  assert.deepEqual(known, translated);
});
