import { commands, type Terminal, type TerminalShellExecution, window, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Extension } from "../feature";
import { METHOD_CLEAR_TERMINAL, SETTING_WATCH_TERMINALS, SETTINGS_SECTION } from "../names";
import { textOf } from "../util/params";
import { announceTokens } from "./announcement";
import { warnOfBlindTerminals } from "./blindTerminals";
import { type Execution, feed } from "./feed";
import { TerminalIds } from "./ids";
import type { IsWatching } from "./isWatching";
import { showTranscripts } from "./transcripts";

/** Has the server look at what commands print, and shows what it finds. */
export function watchTerminals(extension: Extension): Disposable[] {
  let isOn = wanted();
  const isWatching: IsWatching = () => isOn;
  return [
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SETTINGS_SECTION}.${SETTING_WATCH_TERMINALS}`)) {
        isOn = wanted();
      }
    }),
    ...feedServer(extension, isWatching),
    ...showTranscripts(extension),
    ...announceTokens(extension, isWatching),
    ...warnOfBlindTerminals(extension, isWatching),
  ];
}

function wanted(): boolean {
  return workspace.getConfiguration(SETTINGS_SECTION).get(SETTING_WATCH_TERMINALS, true);
}

interface Running {
  readonly terminal: Terminal;
  readonly end: (exitCode: number | undefined) => void;
}

function feedServer({ connection, channel }: Extension, isWatching: IsWatching): Disposable[] {
  const ids = new TerminalIds();
  const running = new Map<TerminalShellExecution, Running>();
  let last = 0;
  const notify = (method: string, params: object): void => {
    if (isWatching()) {
      connection.notify(method, params);
    }
  };
  connection.announce("clearTerminal");
  connection.onNotification(METHOD_CLEAR_TERMINAL, (params) => void clear(ids.terminalOf(textOf(params, "terminal"))));
  return [
    window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
      if (!isWatching()) {
        return;
      }
      const exitCode = new Promise<number | undefined>((end) => running.set(execution, { terminal, end }));
      const about = describe(terminal, execution, ids.idOf(terminal), `execution-${(++last).toString()}`);
      // What is printed before `read` is called for the first time is lost.
      feed(about, execution.read(), exitCode, notify).catch(() => {
        channel.warn("What a command printed could not be read to its end.");
      });
    }),
    window.onDidEndTerminalShellExecution(({ execution, exitCode }) => {
      running.get(execution)?.end(exitCode);
      running.delete(execution);
    }),
    window.onDidCloseTerminal((terminal) => {
      ids.forget(terminal);
      for (const [execution, one] of running) {
        if (one.terminal === terminal) {
          one.end(undefined);
          running.delete(execution);
        }
      }
    }),
  ];
}

function describe(terminal: Terminal, { cwd, commandLine }: TerminalShellExecution, id: string, own: string): Execution {
  const folder = cwd?.scheme === "file" ? { cwd: cwd.fsPath } : {};
  return { terminal: id, execution: own, name: terminal.name, commandLine: commandLine.value, ...folder };
}

async function clear(terminal: Terminal | undefined): Promise<void> {
  if (terminal !== undefined) {
    // The command clears the terminal that has the focus, so it must be this one.
    terminal.show();
    await commands.executeCommand("workbench.action.terminal.focus");
    if (window.activeTerminal === terminal) {
      await commands.executeCommand("workbench.action.terminal.clear");
    }
  }
}
