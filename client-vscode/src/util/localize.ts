import type { l10n } from "vscode";

/** Translates texts in modules that do not import `vscode`. */
export type L10n = Pick<typeof l10n, "t">;
