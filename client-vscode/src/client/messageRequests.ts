import type { ShowMessageRequestParams } from "vscode-languageserver-protocol";
import type { Connection } from "./connection";

/** A question for the user; a modal one stays until it is answered. */
export interface Question {
  readonly sentence: string;
  readonly detail: string;
  readonly titles: readonly string[];
  readonly isModal: boolean;
}

/** Asks the user; resolves with undefined if the user closes the question. */
type AskQuestion = (question: Question) => Thenable<string | undefined>;

const WARNING = 2;
/** The server's title for refusing the use of a token, in each of its languages. */
export const DENY: readonly string[] = ["Deny", "Ablehnen", "拒绝"];

/** Shows the server's questions, warnings as modal dialogs, because a notification would disappear. */
export function answerMessageRequests(connection: Connection, ask: AskQuestion): void {
  connection.onRequest("window/showMessageRequest", async (params) => {
    const title = await ask(toQuestion(params));
    return title === undefined ? null : { title };
  });
}

function toQuestion({ type, message, actions = [] }: ShowMessageRequestParams): Question {
  const titles = actions.map(({ title }) => title);
  const [sentence = "", ...rest] = message.split("\n");
  return {
    sentence,
    detail: rest.join("\n").trim(),
    // Enter chooses the first button of a modal dialog, and the user may have pressed it for something else.
    titles: [...titles.filter((one) => DENY.includes(one)), ...titles.filter((one) => !DENY.includes(one))],
    isModal: type <= WARNING && titles.length > 0,
  };
}
