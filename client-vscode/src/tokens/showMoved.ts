import { commands, l10n, type Memento, type TextDocument, window, workspace } from "vscode";
import { COMMAND_HOW_TO_RUN } from "../names";

const EXPLAINED_KEY = "move.explained";

/**
 * Shows what a move did, with a button that saves the changed files and, until the user has chosen it, one that explains
 * how programs get their tokens. Ignores the results of other commands.
 */
export async function showMoved(result: unknown, memory: Memento): Promise<void> {
  const message = messageOf(result);
  if (message === undefined) {
    return;
  }
  const [save, run] = [l10n.t("Save All"), l10n.t("How to Run")];
  const titles = [...(unsaved().length > 0 ? [save] : []), ...(memory.get<boolean>(EXPLAINED_KEY) === true ? [] : [run])];
  const chosen = await window.showInformationMessage(message, ...titles);
  if (chosen === save) {
    // `workspace.saveAll` leaves out a file that has no tab yet, such as a new `.env`.
    await Promise.all(unsaved().map(async (document) => document.save()));
  } else if (chosen === run) {
    await memory.update(EXPLAINED_KEY, true);
    await commands.executeCommand(COMMAND_HOW_TO_RUN);
  }
}

function unsaved(): readonly TextDocument[] {
  return workspace.textDocuments.filter(({ isDirty, isUntitled }) => isDirty && !isUntitled);
}

function messageOf(result: unknown): string | undefined {
  const { message } = (result ?? {}) as { message?: unknown };
  return typeof message === "string" && message !== "" ? message : undefined;
}
