import path from "node:path";
import {
  ProcessExecution,
  Task,
  type TaskDefinition,
  TaskGroup,
  tasks,
  TaskScope,
  workspace,
  type WorkspaceFolder,
} from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import type { Program } from "../client/connection";
import type { Services } from "../feature";
import { TASK_TYPE } from "../names";
import { readHead } from "../util/readHead";
import { environmentFileHasReferences } from "./environmentFile";
import { npmScriptCommand, npmScripts, parseTaskDefinition, runArguments, type TaskCommand } from "./taskCommand";

const GROUPS = new Map([
  ["build", TaskGroup.Build],
  ["test", TaskGroup.Test],
]);

/** Provides tasks that run with the workspace's tokens: those in `tasks.json`, and npm scripts. */
export function provideTasks({ connection }: Services): Disposable[] {
  return [
    tasks.registerTaskProvider(TASK_TYPE, {
      provideTasks: async () => {
        const { program } = connection;
        if (program === undefined || !workspace.isTrusted) {
          return [];
        }
        const all = (workspace.workspaceFolders ?? []).map((folder) => npmTasks(folder, program));
        return (await Promise.all(all)).flat();
      },
      resolveTask: ({ definition, scope, name, problemMatchers }) => {
        const [wanted, { program }] = [parseTaskDefinition(definition), connection];
        if (wanted === undefined || program === undefined) {
          return undefined;
        }
        return createTask(definition, scope ?? TaskScope.Workspace, name, wanted, program, problemMatchers);
      },
    }),
  ];
}

/** Returns tasks for a folder's npm scripts if its environment file has references. */
async function npmTasks(folder: WorkspaceFolder, program: Program): Promise<Task[]> {
  if (folder.uri.scheme !== "file" || !(await environmentFileHasReferences(folder))) {
    return [];
  }
  const manifest = await readHead(path.join(folder.uri.fsPath, "package.json"));
  return npmScripts(manifest).map((script) => {
    const wanted = npmScriptCommand(script, process.platform);
    const task = createTask({ type: TASK_TYPE, ...wanted }, folder, `npm: ${script}`, wanted, program, []);
    const group = GROUPS.get(script);
    if (group !== undefined) {
      task.group = group;
    }
    return task;
  });
}

function createTask(
  definition: TaskDefinition,
  scope: NonNullable<Task["scope"]>,
  name: string,
  wanted: TaskCommand,
  program: Program,
  matchers: string[],
): Task {
  const folder = typeof scope === "object" ? scope : workspace.workspaceFolders?.[0];
  const options = folder === undefined ? {} : { cwd: folder.uri.fsPath };
  const execution = new ProcessExecution(program.command, runArguments(program, wanted), options);
  return new Task(definition, scope, name, TASK_TYPE, execution, matchers);
}
