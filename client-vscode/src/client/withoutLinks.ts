import type { ShowMessageParams } from "vscode-languageserver-protocol";
import { breakLinks } from "../util/sanitise";

const SHOWN: readonly (string | undefined)[] = ["window/showMessage", "window/showMessageRequest"];

/** Breaks links in a protocol message that the user will see, because it may quote file names. */
export function withoutLinks<Message extends object>(message: Message): Message {
  const { method, params } = message as { method?: string; params?: ShowMessageParams };
  return SHOWN.includes(method) && params !== undefined
    ? { ...message, params: { ...params, message: breakLinks(params.message) } }
    : message;
}
