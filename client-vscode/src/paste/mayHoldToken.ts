// The lengths of the shortest token and of the longest text that the server accepts.
const SHORTEST_TOKEN = 8;
const LONGEST_TEXT = 1_000_000;

/** Returns whether a text may contain a token, so that it is worth asking the server. */
export function mayHoldToken(text: string): boolean {
  return text.length >= SHORTEST_TOKEN && text.length <= LONGEST_TEXT && /[^\s]{8}/.test(text);
}
