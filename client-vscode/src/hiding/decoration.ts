import { type DecorationRenderOptions, ThemeColor } from "vscode";

/**
 * How a hidden text looks.
 *
 * Colours and opacity alone are overruled by the editor's own styles, such as those of links and of code that is not
 * used; what a decoration may say of its line is put into the style sheet as it is, and so can have the last word.
 */
export const HIDDEN_TOKEN: DecorationRenderOptions = {
  color: "transparent",
  opacity: "0",
  textDecoration:
    "none; opacity: 0 !important; color: transparent !important; -webkit-text-fill-color: transparent !important;",
  before: {
    contentText: "•••••",
    color: new ThemeColor("editorWarning.foreground"),
    // Over the gap that the text leaves, so that nothing on the line moves.
    textDecoration: "none; position: absolute; pointer-events: none;",
  },
};
