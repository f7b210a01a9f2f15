import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { EnvironmentVariableCollection } from "vscode";
import type { Program } from "../client/connection";
import type { L10n } from "../util/localize";
import { type Machine, pathModule } from "./findExecutable";

type TerminalEnvironment = Pick<EnvironmentVariableCollection, "append" | "clear" | "description">;

/** Adds the bundled program to terminals as `tokenward`, behind any other program of that name. */
export async function addTerminalCommand(
  program: Program,
  folder: string,
  terminals: TerminalEnvironment,
  machine: Machine,
  l10n: L10n,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of launcherScripts(program, machine)) {
    await replaceFile(path.join(folder, name), text);
  }
  terminals.clear();
  terminals.description = l10n.t("Adds the bundled `tokenward` command.");
  // Both times, because a shell's start-up files may reset the PATH.
  terminals.append("PATH", pathModule(machine).delimiter + folder, {
    applyAtProcessCreation: true,
    applyAtShellIntegration: true,
  });
}

/** Returns the launcher scripts by file name; Windows needs one for its own shells and one for others. */
export function launcherScripts({ command, args }: Program, machine: Machine): Map<string, string> {
  const words = [command, ...args];
  if (machine.platform !== "win32") {
    return new Map([["tokenward", shellScript(words)]]);
  }
  return new Map([
    ["tokenward", shellScript(words.map((word) => word.replaceAll("\\", "/")))],
    ["tokenward.cmd", batchFile(words, machine.home)],
  ]);
}

function shellScript(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  return `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`;
}

function batchFile(words: readonly string[], home: string): string {
  // Uses a variable for the home folder: the file's code page may lack letters of the user name.
  const quoted = words.map((word) =>
    word.startsWith(`${home}\\`) ? `"%USERPROFILE%${escapePercent(word.slice(home.length))}"` : `"${escapePercent(word)}"`,
  );
  return `@${quoted.join(" ")} %*\r\n`;
}

function escapePercent(word: string): string {
  return word.replaceAll("%", "%%");
}

/** Replaces a file that may be running, or that another window may be writing. */
async function replaceFile(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => "")) === text) {
    return;
  }
  const temporary = `${file}.${process.pid.toString()}`;
  await writeFile(temporary, text, { mode: 0o755 });
  await rename(temporary, file);
}
