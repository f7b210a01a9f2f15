import { stringParam } from "../util/params";
import { breakLinks } from "../util/sanitise";

const SHOWN: readonly unknown[] = ["window/showMessage", "window/showMessageRequest"];

/** Breaks links in a protocol message that the user will see, because it may quote file names. */
export function withoutLinks<Message extends object>(message: Message): Message {
  const { method, params } = message as { method?: unknown; params?: unknown };
  const sentence = stringParam(params, "message");
  return SHOWN.includes(method) && sentence !== undefined
    ? { ...message, params: { ...(params as object), message: breakLinks(sentence) } }
    : message;
}
