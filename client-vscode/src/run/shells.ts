/** How a shell is started so that the editor sees what runs in it, which it only arranges for shells it starts itself. */
export interface ShellCommand {
  readonly shell: string;
  readonly args: string[];
  readonly variables: Record<string, string>;
}

/** The words that start a shell; `scripts` is the editor's folder of them, if it is known. */
export function shellCommand(shell: string, scripts: string | undefined): ShellCommand {
  const name = (/[^\\/]*$/.exec(shell)?.[0] ?? "").replace(/\.exe$/i, "");
  const args = scripts === undefined ? undefined : INTEGRATION_ARGS.get(name)?.(scripts);
  // With it, bash reads the user's own files, too, which `--init-file` takes the place of.
  return args === undefined ? { shell, args: [], variables: {} } : { shell, args, variables: { VSCODE_INJECTION: "1" } };
}

// As the editor starts them. For zsh it makes a folder of start files, so there the user adds a line to `.zshrc`.
const INTEGRATION_ARGS = new Map<string, (scripts: string) => string[]>([
  ["bash", (scripts) => ["--init-file", `${scripts}/shellIntegration-bash.sh`]],
  ["fish", (scripts) => ["--init-command", `source '${scripts.replace(/[\\']/g, "\\$&")}/shellIntegration.fish'`]],
]);
