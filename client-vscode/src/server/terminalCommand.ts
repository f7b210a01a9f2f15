import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { EnvironmentVariableCollection } from "vscode";
import type { Program } from "../client/connection";
import { type Machine, pathModule } from "./findExecutable";
import type { L10n } from "../util/localize";

type TerminalEnvironment = Pick<EnvironmentVariableCollection, "append" | "clear" | "description">;

/** Lets terminals find the bundled program as `tokenward`, behind whatever they find by that name already. */
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
  // Twice, because a shell's start-up files may set the PATH anew.
  terminals.append("PATH", pathModule(machine).delimiter + folder, {
    applyAtProcessCreation: true,
    applyAtShellIntegration: true,
  });
}

/** The files that start a program, by their names; on Windows one is for its own shells and one for others. */
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
  // The home folder is not spelled out: such a file is read in a code page that may lack the letters of a user's name.
  const quoted = words.map((word) =>
    word.startsWith(`${home}\\`) ? `"%USERPROFILE%${escapePercent(word.slice(home.length))}"` : `"${escapePercent(word)}"`,
  );
  return `@${quoted.join(" ")} %*\r\n`;
}

function escapePercent(word: string): string {
  return word.replaceAll("%", "%%");
}

/** Writes a file that may be running, or be written by another window at the same time. */
async function replaceFile(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => "")) === text) {
    return;
  }
  const whole = `${file}.${process.pid.toString()}`;
  await writeFile(whole, text, { mode: 0o755 });
  await rename(whole, file);
}
