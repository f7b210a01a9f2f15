import type { Connection } from "./connection";
import { stringParam } from "../util/params";

/** A question as the user is to see it; a modal one stays until it is answered. */
export interface Question {
  readonly sentence: string;
  readonly detail: string;
  readonly titles: readonly string[];
  readonly isModal: boolean;
}

/** Asks the user; undefined when the question was closed. */
export type AskQuestion = (question: Question) => Thenable<string | undefined>;

const METHOD = "window/showMessageRequest";
const WARNING = 2;
/** The server's word for a no to a use of a token. */
export const DENY = "Deny";

/** Shows the server's questions: one whose answer does something stays on the screen, where a message would go by itself. */
export function answerMessageRequests(connection: Connection, ask: AskQuestion): void {
  connection.onRequest(METHOD, async (params) => {
    const title = await ask(toQuestion(params));
    return title === undefined ? null : { title };
  });
}

function toQuestion(params: unknown): Question {
  const { type, actions } = params as { type?: unknown; actions?: unknown };
  const titles = (Array.isArray(actions) ? actions : []).flatMap((action) => stringParam(action, "title") ?? []);
  const [sentence = "", ...rest] = (stringParam(params, "message") ?? "").split("\n");
  return {
    sentence,
    detail: rest.join("\n").trim(),
    // Enter chooses the first button of a modal question, and may have been typed for something else.
    titles: [...titles.filter((one) => one === DENY), ...titles.filter((one) => one !== DENY)],
    isModal: typeof type === "number" && type <= WARNING && titles.length > 0,
  };
}
