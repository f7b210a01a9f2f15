/** The column of the editor's as the server's commands count: in code points. */
export function codePointColumn(line: string, character: number): number {
  return Array.from(line.slice(0, character)).length;
}
