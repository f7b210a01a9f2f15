import { execFile } from "node:child_process";
import { commands, type Disposable, l10n, ProgressLocation, version, window, workspace } from "vscode";
import type { Services } from "../feature";
import { CLIENT_NAME, COMMAND_RUN_DOCTOR } from "../names";
import type { Program } from "./connection";
import { errorKind } from "./output";

const LIMIT = 60_000;

/** Writes to the output which programs work together, for the reader of a bug report. */
export function writeHeader({ context, channel }: Services, { command, args }: Program, server = "?"): void {
  const { version: own } = context.extension.packageJSON as { version: string };
  channel.info(`${CLIENT_NAME} ${own}, VS Code ${version}, ${process.platform}-${process.arch}`);
  channel.info(`Server ${server}: ${[command, ...args].join(" ")}`);
}

/** Registers the command that checks the installation and writes the result to the output. */
export function registerDoctor({ channel, connection }: Services): Disposable {
  return commands.registerCommand(COMMAND_RUN_DOCTOR, async () => {
    const { program } = connection;
    if (program === undefined) {
      void window.showErrorMessage(l10n.t("The {0} server is not running. Restart it.", CLIENT_NAME));
      return;
    }
    const title = l10n.t("Checking the installation");
    const lines = await window.withProgress({ location: ProgressLocation.Window, title }, () => runDoctor(program));
    for (const line of lines) {
      channel.info(line);
    }
    channel.show();
  });
}

/** Runs `tokenward doctor` in the workspace and returns what it says, whether or not it finds a fault. */
async function runDoctor({ command, args }: Program): Promise<string[]> {
  const cwd = workspace.isTrusted ? workspace.workspaceFolders?.[0]?.uri.fsPath : undefined;
  return new Promise((resolve) => {
    execFile(command, [...args, "doctor"], { cwd, timeout: LIMIT, encoding: "utf8" }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`.trim();
      resolve(said === "" ? [`\`doctor\` said nothing.${errorKind(error)}`] : said.split(/\r?\n/));
    });
  });
}
