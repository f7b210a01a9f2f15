import { commands, l10n, Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { showErrorOnFailure } from "../client/showErrorOnFailure";
import type { Services } from "../feature";
import { CLIENT_NAME, COMMAND_SHOW_REPORT, METHOD_REPORT } from "../names";
import { forbidsScripts } from "./page";

/** Shows the server's report in a tab and refreshes it when the tab becomes visible. */
export function registerReport(services: Services): Disposable[] {
  let panel: WebviewPanel | undefined;
  const show = async (): Promise<void> => {
    const html = await fetchReport(services);
    if (html === undefined) {
      return;
    }
    if (panel === undefined) {
      panel = createPanel(services.context.extensionUri);
      const opened = panel;
      opened.onDidDispose(() => {
        panel = undefined;
      });
      onReveal(opened, () => void update(opened));
    }
    panel.webview.html = html;
    panel.reveal();
  };
  const update = async (opened: WebviewPanel): Promise<void> => {
    const html = await fetchReport(services);
    if (html !== undefined && panel === opened) {
      opened.webview.html = html;
    }
  };
  return [commands.registerCommand(COMMAND_SHOW_REPORT, show), { dispose: () => void panel?.dispose() }];
}

function onReveal(panel: WebviewPanel, tell: () => void): void {
  let wasVisible = true;
  panel.onDidChangeViewState(() => {
    if (panel.visible && !wasVisible) {
      tell();
    }
    wasVisible = panel.visible;
  });
}

function createPanel(extensionUri: Uri): WebviewPanel {
  const panel = window.createWebviewPanel(COMMAND_SHOW_REPORT, l10n.t("{0} Report", CLIENT_NAME), ViewColumn.Active, {
    enableScripts: false,
    enableForms: false,
    enableCommandUris: false,
    localResourceRoots: [],
  });
  const icon = (name: string): Uri => Uri.joinPath(extensionUri, "images", name);
  panel.iconPath = { light: icon("tab-light.svg"), dark: icon("tab-dark.svg") };
  return panel;
}

/** Returns the page, or undefined after showing an error. */
async function fetchReport({ connection, channel }: Services): Promise<string | undefined> {
  const answer = await showErrorOnFailure(connection.request(METHOD_REPORT, {}), channel);
  if (answer === undefined || answer === null) {
    return undefined;
  }
  if (!forbidsScripts(answer.html)) {
    void window.showErrorMessage(l10n.t("The report is not shown because it does not block scripts."));
    return undefined;
  }
  return answer.html;
}
