import { open, stat } from "node:fs/promises";

const LONGEST_HEAD = 1_000_000;

/** Returns the start of a text file, or an empty text if the file does not exist. */
export async function readHead(file: string): Promise<string> {
  try {
    // Opening a pipe would wait for a writer.
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
