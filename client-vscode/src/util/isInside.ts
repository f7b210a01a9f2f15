import { realpath } from "node:fs/promises";
import path from "node:path";

/** Returns whether a file is inside one of some folders, by its own or its real path. */
export async function isInside(file: string, folders: readonly string[]): Promise<boolean> {
  const files = [file, await realOf(file)];
  const roots = [...folders, ...(await Promise.all(folders.map(realOf)))];
  return files.some((one) => roots.some((root) => isBelow(one, root)));
}

function realOf(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

function isBelow(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
