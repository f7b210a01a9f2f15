// Tokenward: asks `tokenward agents hook` about what Claude Code adds to a session by itself, and masks the tokens in it:
// instructions, notes about changed files, commands, listings, the repository's state, failed tools. Hooks in the
// settings see the rest. What gets no answer is left out.
const COMMAND = $COMMAND;
const LIMIT = 30000;
const TRIES = 3;
const NO_ANSWER = "Tokenward could not check this, so it was left out; run `tokenward agents check`.";
const UNCHECKED = "could not check this result";
const SEEN = ["prompt", "response"];
const CONSTANT = ["auto_mode", "date", "deferred_tools_delta", "environment", "model", "prompt_snapshot", "remote_session_change"];

async function ask($, content) {
  const payload = { hook_event_name: "SessionAppend", cwd: await $.session.cwd(), tool_response: content };
  let printed = "";
  for (let left = TRIES; left > 0; left -= 1) {
    const done = await $.process.run(COMMAND, { stdin: JSON.stringify(payload), timeoutMs: LIMIT });
    if (done.exitCode !== 0) throw new Error(NO_ANSWER);
    printed = done.stdout.trim();
    if (!printed.includes(UNCHECKED)) break;
  }
  return printed ? JSON.parse(printed).hookSpecificOutput.updatedToolOutput ?? NO_ANSWER : content;
}

function isSeen(e) {
  const content = e.message.content ?? [];
  if (SEEN.includes(e.door) || content.length === 0) return true;
  if (e.door === "tool-result") return !content.some((one) => one.is_error);
  return e.origin?.kind === "engine" && CONSTANT.includes(e.message.name);
}

function without(content) {
  if (typeof content === "string") return NO_ANSWER;
  return content.map((one) => {
    if (one.type === "image") return one;
    return one.type === "tool_result" ? { ...one, content: NO_ANSWER } : { type: "text", text: NO_ANSWER };
  });
}

async function masked($, content) {
  try {
    if (typeof content === "string") return String(await ask($, content));
    const rest = content.filter((one) => one.type !== "image");
    const left = [...(await ask($, rest))];
    // Where all is withheld, so are the names of the parts, and what is left is no content.
    if (left.length !== rest.length || left.some((one, at) => one.type !== rest[at].type)) throw new Error(NO_ANSWER);
    return content.map((one) => (one.type === "image" ? one : left.shift()));
  } catch {
    return without(content);
  }
}

export function register(on) {
  on("session.append", async ($, e, next) => {
    if (isSeen(e)) return next(e);
    return next({ ...e, message: { ...e.message, content: await masked($, e.message.content) } });
  }).catch(() => ({ deny: NO_ANSWER }));
}
