// Control characters, and those that are invisible or change the direction of the text after them.
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Replaces invisible and direction-changing characters in untrusted text, such as a file name. */
export function sanitise(text: string): string {
  return text.replace(DECEPTIVE, "\ufffd");
}

/** Breaks links in a message that quotes untrusted text: a link could run a command. */
export function breakLinks(message: string): string {
  return message.replaceAll("](", "] (");
}
