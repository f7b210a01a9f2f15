// Tokenward: asks `tokenward agents hook` about prompts, tools and their outputs. Without an answer, nothing goes on.
import { spawn } from "node:child_process";

const COMMAND = $COMMAND;
const LIMIT = 30000;
const NO_ANSWER = "Tokenward could not check this, so it was stopped; run `tokenward agents check`.";

function ask(payload) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error(NO_ANSWER));
    const child = spawn(COMMAND[0], COMMAND.slice(1), { stdio: ["pipe", "pipe", "ignore"] });
    const timer = setTimeout(() => { child.kill("SIGKILL"); stop(); }, LIMIT);
    const chunks = [];
    child.on("error", () => { clearTimeout(timer); stop(); });
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.on("close", (code) => {
      clearTimeout(timer);
      try {
        const answer = JSON.parse(Buffer.concat(chunks).toString("utf8"));
        if (code !== 0 || answer === null || typeof answer !== "object") return stop();
        if (answer.deny !== undefined) return reject(new Error(String(answer.deny)));
        resolve(answer);
      } catch { stop(); }
    });
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(payload));
  });
}

export const Tokenward = async ({ directory }) => ({
  "chat.message": async (_input, output) => {
    for (const part of output.parts.filter((one) => one.type === "text")) {
      const answer = await ask({ event: "chat.message", directory, text: part.text });
      if (typeof answer.text === "string") part.text = answer.text;
    }
  },
  "tool.execute.before": async (input, output) => {
    const call = { tool: input.tool, args: output.args ?? {} };
    const answer = await ask({ event: "tool.execute.before", directory, ...call });
    if (answer.args) Object.assign(output.args, answer.args);
  },
  "tool.execute.after": async (input, output) => {
    const masked = async (text) => {
      const call = { tool: input.tool, args: input.args ?? {}, output: String(text ?? "") };
      try {
        const answer = await ask({ event: "tool.execute.after", directory, ...call });
        return typeof answer.output === "string" ? answer.output : text;
      } catch (error) {
        return error.message;
      }
    };
    if (!Array.isArray(output.content)) {
      output.output = await masked(output.output);
      return;
    }
    // The result of an MCP server has parts.
    for (const part of output.content) {
      if (typeof part.text === "string") part.text = await masked(part.text);
      if (typeof part.resource?.text === "string") part.resource.text = await masked(part.resource.text);
    }
    if (output.structuredContent !== undefined) {
      const text = JSON.stringify(output.structuredContent);
      if ((await masked(text)) !== text) delete output.structuredContent;
    }
  },
});
