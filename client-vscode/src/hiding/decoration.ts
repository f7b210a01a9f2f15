import { type DecorationRenderOptions, ThemeColor } from "vscode";

/**
 * The style of a hidden token.
 *
 * The editor's styles for links and unused code override a plain colour or opacity. `textDecoration` goes into the
 * style sheet verbatim, so it can add `!important`.
 */
export const HIDDEN_TOKEN: DecorationRenderOptions = {
  color: "transparent",
  opacity: "0",
  textDecoration:
    "none; opacity: 0 !important; color: transparent !important; -webkit-text-fill-color: transparent !important;",
  before: {
    contentText: "•••••",
    color: new ThemeColor("editorWarning.foreground"),
    // Absolute, so that the dots cover the gap and nothing on the line moves.
    textDecoration: "none; position: absolute; pointer-events: none;",
  },
};
