// Control characters, and those that turn the direction of what follows or are not seen.
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** A text of a stranger's, such as a file's name, in which nothing passes for something else. */
export function shown(text: string): string {
  return text.replace(UNSEEN, "\ufffd");
}

/** A sentence with such texts in it, for a message of the editor's: there brackets make a link, also to a command. */
export function unlinked(sentence: string): string {
  return sentence.replaceAll("](", "] (");
}
