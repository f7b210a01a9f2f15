import { commands, type Terminal, type TerminalShellExecution, window, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Connection } from "../client/connection";
import type { Services } from "../feature";
import { METHOD_CLEAR_TERMINAL, SETTING_WATCH_TERMINALS, SETTINGS_SECTION } from "../names";
import { announceTokens } from "./announceTokens";
import type { IsWatching } from "./isWatching";
import { type ExecutionInfo, sendExecution } from "./sendExecution";
import { TerminalIds } from "./terminalIds";
import { showTranscripts } from "./transcripts";
import { warnAboutMissingIntegration } from "./warnAboutMissingIntegration";

/** Sends the output of terminal commands to the server and shows the tokens that it finds. */
export function watchTerminals(services: Services): Disposable[] {
  let isOn = isWatchingEnabled();
  const isWatching: IsWatching = () => isOn;
  return [
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SETTINGS_SECTION}.${SETTING_WATCH_TERMINALS}`)) {
        isOn = isWatchingEnabled();
      }
    }),
    ...sendExecutions(services, isWatching),
    ...showTranscripts(services),
    ...announceTokens(services, isWatching),
    ...warnAboutMissingIntegration(services, isWatching),
  ];
}

function isWatchingEnabled(): boolean {
  return workspace.getConfiguration(SETTINGS_SECTION).get(SETTING_WATCH_TERMINALS, true);
}

interface Running {
  readonly terminal: Terminal;
  readonly end: (exitCode: number | undefined) => void;
}

function sendExecutions({ connection, channel }: Services, isWatching: IsWatching): Disposable[] {
  const ids = new TerminalIds();
  const running = new Map<TerminalShellExecution, Running>();
  let last = 0;
  const notify: Connection["notify"] = (method, params) => {
    if (isWatching()) {
      connection.notify(method, params);
    }
  };
  connection.announceCapability("clearTerminal");
  connection.onNotification(METHOD_CLEAR_TERMINAL, ({ terminal }) => {
    void clearTerminal(ids.terminalOf(terminal));
  });
  return [
    window.onDidStartTerminalShellExecution(({ terminal, execution }) => {
      if (!isWatching()) {
        return;
      }
      const exitCode = new Promise<number | undefined>((end) => running.set(execution, { terminal, end }));
      const about = describeExecution(terminal, execution, ids.idOf(terminal), `execution-${(++last).toString()}`);
      // Output printed before the first call of `read` is lost.
      sendExecution(about, execution.read(), exitCode, notify).catch(() => {
        channel.warn("Could not read all of a command's output.");
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

function describeExecution(
  terminal: Terminal,
  { cwd, commandLine }: TerminalShellExecution,
  terminalId: string,
  executionId: string,
): ExecutionInfo {
  const folder = cwd?.scheme === "file" ? { cwd: cwd.fsPath } : {};
  return { terminal: terminalId, execution: executionId, name: terminal.name, commandLine: commandLine.value, ...folder };
}

async function clearTerminal(terminal: Terminal | undefined): Promise<void> {
  if (terminal !== undefined) {
    // The command clears the focused terminal, so it must be this one.
    terminal.show();
    await commands.executeCommand("workbench.action.terminal.focus");
    if (window.activeTerminal === terminal) {
      await commands.executeCommand("workbench.action.terminal.clear");
    }
  }
}
