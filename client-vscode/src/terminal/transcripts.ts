import { type CancellationToken, EventEmitter, l10n, Uri, workspace } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Services } from "../feature";
import { CLIENT_NAME, METHOD_TRANSCRIPT, METHOD_TRANSCRIPT_CHANGED, TERMINAL_SCHEME } from "../names";

/** Shows the server's masked transcripts of commands that printed a token, as read-only documents. */
export function showTranscripts({ connection }: Services): Disposable[] {
  const changed = new EventEmitter<Uri>();
  const provideTextDocumentContent = async (uri: Uri, token: CancellationToken): Promise<string> => {
    try {
      return (await connection.request(METHOD_TRANSCRIPT, { uri: uri.toString() }, token))?.text ?? "";
    } catch {
      return l10n.t("{0} cannot show this text because its server did not respond.", CLIENT_NAME);
    }
  };
  connection.announceCapability("terminal");
  connection.onNotification(METHOD_TRANSCRIPT_CHANGED, ({ uri }) => {
    changed.fire(Uri.parse(uri));
  });
  return [
    changed,
    workspace.registerTextDocumentContentProvider(TERMINAL_SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent,
    }),
    connection.onDidStart(() => {
      for (const { uri } of workspace.textDocuments.filter(({ uri: { scheme } }) => scheme === TERMINAL_SCHEME)) {
        changed.fire(uri);
      }
    }),
  ];
}
