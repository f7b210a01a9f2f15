import { open, stat } from "node:fs/promises";

const LONGEST_HEAD = 1_000_000;

/** The text of a file, as far as it is of use; nothing of what is no file. */
export async function readHead(file: string): Promise<string> {
  try {
    // To open a pipe would wait for somebody who writes into it.
    if (!(await stat(file)).isFile()) {
      return "";
    }
    const handle = await open(file, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_HEAD), 0, LONGEST_HEAD, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return "";
  }
}
