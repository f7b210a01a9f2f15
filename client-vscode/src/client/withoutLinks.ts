import { stringParam } from "../util/params";
import { breakLinks } from "../util/sanitise";

const SHOWN: readonly unknown[] = ["window/showMessage", "window/showMessageRequest"];

/** A message of the protocol, in which a sentence that the user is shown has no links: it may quote a file's name. */
export function withoutLinks<Message extends object>(message: Message): Message {
  const { method, params } = message as { method?: unknown; params?: unknown };
  const sentence = stringParam(params, "message");
  return SHOWN.includes(method) && sentence !== undefined
    ? { ...message, params: { ...(params as object), message: breakLinks(sentence) } }
    : message;
}
