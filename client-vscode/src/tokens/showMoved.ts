import { commands, l10n, type Memento, type TextDocument, window, workspace } from "vscode";
import { COMMAND_HOW_TO_RUN, SERVER_COMMAND_FINISH } from "../names";
import type { Moved } from "../protocol";

const EXPLAINED_KEY = "move.explained";

/**
 * Shows what a move did, with buttons that save the changed files, have the server do the steps left and, until the user
 * has chosen it, explain how programs get their tokens. Ignores the results of other commands.
 */
export async function showMoved(result: unknown, memory: Memento): Promise<void> {
  const { message, finish } = (result ?? {}) as { [field in keyof Moved]?: Moved[field] };
  if (typeof message !== "string" || message === "") {
    return;
  }
  const [save, done, run] = [l10n.t("Save All"), l10n.t("Finish"), l10n.t("How to Run")];
  const titles = [
    ...(unsaved().length > 0 ? [save] : []),
    ...(finish === undefined ? [] : [done]),
    ...(memory.get<boolean>(EXPLAINED_KEY) === true ? [] : [run]),
  ];
  const chosen = await window.showInformationMessage(message, ...titles);
  if (chosen === save) {
    // `workspace.saveAll` leaves out a file that has no tab yet, such as a new `.env`.
    await Promise.all(unsaved().map(async (document) => document.save()));
  } else if (chosen === done) {
    // The server asks again, with the commands.
    await commands.executeCommand(SERVER_COMMAND_FINISH, finish);
    if (unsaved().length > 0) {
      // Until the files are saved, the token is on disk, and the choice has closed the message that says so.
      await showMoved({ message }, memory);
    }
  } else if (chosen === run) {
    await memory.update(EXPLAINED_KEY, true);
    await commands.executeCommand(COMMAND_HOW_TO_RUN);
  }
}

function unsaved(): readonly TextDocument[] {
  return workspace.textDocuments.filter(({ isDirty, isUntitled }) => isDirty && !isUntitled);
}
