// Control characters, and those that are invisible or change the direction of the text after them.
const DECEPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Replace the characters by which an untrusted text, such as a file's name, could pass for another one. */
export function sanitise(text: string): string {
  return text.replace(DECEPTIVE, "\ufffd");
}

/** Break the links in a message that quotes untrusted text: VS Code would run commands that they name. */
export function breakLinks(message: string): string {
  return message.replaceAll("](", "] (");
}
