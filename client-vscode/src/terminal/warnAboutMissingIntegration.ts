import { env, l10n, type Memento, type Terminal, Uri, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import { CLIENT_NAME } from "../names";
import { displayName } from "./displayName";
import type { IsWatching } from "./isWatching";
import { INTEGRATION_TIMEOUT, isIntegrationMissing } from "./shellIntegration";

const DISABLED_KEY = "terminal.blind.silent";
const PAGE = "https://code.visualstudio.com/docs/terminal/shell-integration";

/** Warns once per window that the extension cannot read a terminal in use. */
export function warnAboutMissingIntegration({ context, channel }: Services, isWatching: IsWatching): Disposable[] {
  const opened = new Map<Terminal, number>();
  const timers = new Set<NodeJS.Timeout>();
  let wasShown = false;
  const check = (terminal: Terminal): void => {
    const since = opened.get(terminal);
    if (wasShown || since === undefined || !isWatching() || !isIntegrationMissing(terminalUse(terminal, since))) {
      return;
    }
    wasShown = true;
    channel.warn("A terminal has no shell integration, so its output is not scanned.");
    void showMessage(terminal.name, context.globalState);
  };
  const open = (terminal: Terminal): void => {
    opened.set(terminal, Date.now());
    const timer = setTimeout(() => {
      timers.delete(timer);
      check(terminal);
    }, INTEGRATION_TIMEOUT);
    timers.add(timer);
  };
  window.terminals.forEach(open);
  return [
    window.onDidOpenTerminal(open),
    window.onDidChangeTerminalState(check),
    window.onDidCloseTerminal((terminal) => opened.delete(terminal)),
    {
      dispose: () => {
        timers.forEach(clearTimeout);
      },
    },
  ];
}

function terminalUse(terminal: Terminal, since: number): Parameters<typeof isIntegrationMissing>[0] {
  return {
    hasIntegration: terminal.shellIntegration !== undefined,
    isUsed: terminal.state.isInteractedWith,
    isDrawn: "pty" in terminal.creationOptions,
    hasEnded: terminal.exitStatus !== undefined,
    age: Date.now() - since,
  };
}

async function showMessage(name: string, memory: Memento): Promise<void> {
  if (memory.get<boolean>(DISABLED_KEY) === true) {
    return;
  }
  const [more, never] = [l10n.t("Learn More"), l10n.t("Don't Show Again")];
  const sentence = l10n.t(
    '{0} cannot see tokens printed in the terminal "{1}" because its shell integration is off.',
    CLIENT_NAME,
    displayName(name),
  );
  const chosen = await window.showInformationMessage(sentence, more, never);
  if (chosen === more) {
    await env.openExternal(Uri.parse(PAGE));
  } else if (chosen === never) {
    await memory.update(DISABLED_KEY, true);
  }
}
