// As long as the shortest token, and as the longest text that the server takes.
const SHORTEST_TOKEN = 8;
const LONGEST_TEXT = 1_000_000;

/** Whether a text is worth a question before each paste of one. */
export function mayHoldToken(text: string): boolean {
  return text.length >= SHORTEST_TOKEN && text.length <= LONGEST_TEXT && /[^\s]{8}/.test(text);
}
