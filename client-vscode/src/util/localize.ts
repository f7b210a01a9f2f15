import type { l10n } from "vscode";

/** What a module that does not know the editor is given to say something in the user's language. */
export type L10n = Pick<typeof l10n, "t">;
