import path from "node:path";
import { ProcessExecution, Task, type TaskDefinition, TaskGroup, TaskScope, tasks, workspace, type WorkspaceFolder } from "vscode";
import type { Disposable } from "vscode-languageserver-protocol";
import { beginningOf } from "../util/readHead";
import type { Program } from "../client/connection";
import { hasReferences } from "./environmentFile";
import type { Extension } from "../feature";
import { TASK_TYPE } from "../names";
import { npmScript, runWords, scriptsIn, type Wanted, wantedBy } from "./taskWords";

const GROUPS = new Map([
  ["build", TaskGroup.Build],
  ["test", TaskGroup.Test],
]);

/** Tasks that run with the workspace's tokens: those that somebody describes, and the scripts of npm. */
export function runTasks({ connection }: Extension): Disposable[] {
  return [
    tasks.registerTaskProvider(TASK_TYPE, {
      provideTasks: async () => {
        const { program } = connection;
        if (program === undefined || !workspace.isTrusted) {
          return [];
        }
        const all = (workspace.workspaceFolders ?? []).map((folder) => tasksOf(folder, program));
        return (await Promise.all(all)).flat();
      },
      resolveTask: ({ definition, scope, name, problemMatchers }) => {
        const [wanted, { program }] = [wantedBy(definition), connection];
        if (wanted === undefined || program === undefined) {
          return undefined;
        }
        return taskOf(definition, scope ?? TaskScope.Workspace, name, wanted, program, problemMatchers);
      },
    }),
  ];
}

/** The scripts of a folder, when its environment file has tokens for them. */
async function tasksOf(folder: WorkspaceFolder, program: Program): Promise<Task[]> {
  if (folder.uri.scheme !== "file" || !(await hasReferences(folder))) {
    return [];
  }
  const manifest = await beginningOf(path.join(folder.uri.fsPath, "package.json"));
  return scriptsIn(manifest).map((script) => {
    const wanted = npmScript(script, process.platform);
    const task = taskOf({ type: TASK_TYPE, ...wanted }, folder, `npm: ${script}`, wanted, program, []);
    const group = GROUPS.get(script);
    if (group !== undefined) {
      task.group = group;
    }
    return task;
  });
}

function taskOf(
  definition: TaskDefinition,
  scope: NonNullable<Task["scope"]>,
  name: string,
  wanted: Wanted,
  program: Program,
  matchers: string[],
): Task {
  const folder = typeof scope === "object" ? scope : workspace.workspaceFolders?.[0];
  const options = folder === undefined ? {} : { cwd: folder.uri.fsPath };
  const execution = new ProcessExecution(program.command, runWords(program, wanted), options);
  return new Task(definition, scope, name, TASK_TYPE, execution, matchers);
}
