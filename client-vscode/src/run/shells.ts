/** A command that starts a shell with its integration, which VS Code adds only to shells that it starts itself. */
interface ShellCommand {
  readonly shell: string;
  readonly args: string[];
  readonly variables: Record<string, string>;
}

/** Returns the command for a shell; `scripts` is VS Code's folder of integration scripts, if known. */
export function shellCommand(shell: string, scripts: string | undefined): ShellCommand {
  const name = (/[^\\/]*$/.exec(shell)?.[0] ?? "").replace(/\.exe$/i, "");
  const args = scripts === undefined ? undefined : INTEGRATION_ARGS.get(name)?.(scripts);
  // This variable makes bash also read the user's own files, which `--init-file` replaces.
  return args === undefined ? { shell, args: [], variables: {} } : { shell, args, variables: { VSCODE_INJECTION: "1" } };
}

// The same arguments as VS Code's. For zsh, VS Code creates start-up files, so users add a line to `.zshrc` instead.
const INTEGRATION_ARGS = new Map<string, (scripts: string) => string[]>([
  ["bash", (scripts) => ["--init-file", `${scripts}/shellIntegration-bash.sh`]],
  ["fish", (scripts) => ["--init-command", `source '${scripts.replace(/[\\']/g, "\\$&")}/shellIntegration.fish'`]],
]);
