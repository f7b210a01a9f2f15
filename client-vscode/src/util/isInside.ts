import { realpath } from "node:fs/promises";
import path from "node:path";

/** Returns whether a file is inside one of some folders, by its own or its real path. */
export async function isInside(file: string, folders: readonly string[]): Promise<boolean> {
  const files = [file, await realPathOf(file)];
  const roots = [...folders, ...(await Promise.all(folders.map(realPathOf)))];
  return files.some((one) => roots.some((root) => isBelow(one, root)));
}

function realPathOf(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

function isBelow(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
