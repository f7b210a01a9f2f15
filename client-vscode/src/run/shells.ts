/** How a shell is started so that the editor sees what runs in it, which it only arranges for shells it starts itself. */
export interface ShellStart {
  readonly shell: string;
  readonly words: string[];
  readonly variables: Record<string, string>;
}

/** The words that start a shell; `scripts` is the editor's folder of them, if it is known. */
export function shellStart(shell: string, scripts: string | undefined): ShellStart {
  const name = (/[^\\/]*$/.exec(shell)?.[0] ?? "").replace(/\.exe$/i, "");
  const words = scripts === undefined ? undefined : WORDS.get(name)?.(scripts);
  // With it, bash reads the user's own files, too, which `--init-file` takes the place of.
  return words === undefined ? { shell, words: [], variables: {} } : { shell, words, variables: { VSCODE_INJECTION: "1" } };
}

// As the editor starts them. For zsh it makes a folder of start files, so there the user adds a line to `.zshrc`.
const WORDS = new Map<string, (scripts: string) => string[]>([
  ["bash", (scripts) => ["--init-file", `${scripts}/shellIntegration-bash.sh`]],
  ["fish", (scripts) => ["--init-command", `source '${scripts.replace(/[\\']/g, "\\$&")}/shellIntegration.fish'`]],
]);
