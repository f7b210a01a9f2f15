/** Converts a UTF-16 column to code points, which the server's commands use. */
export function codePointColumn(line: string, character: number): number {
  return Array.from(line.slice(0, character)).length;
}
