import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type Bundle, findBundle } from "../../src/server/bundle";
import { findProgram, type FoundServer, type ProgramSearch } from "../../src/server/findProgram";
import { notFoundMessage } from "../../src/server/notFoundMessage";
import { addTerminalCommand, launcherScripts } from "../../src/server/terminalCommand";

const made: string[] = [];
after(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))));
const l10n = { t: (text: unknown, ...args: unknown[]) => [String(text), ...args].join("|") };

async function folder(name = "a"): Promise<string> {
  const created = await realpath(await mkdtemp(path.join(tmpdir(), "tokenward-")));
  made.push(created);
  const inner = path.join(created, name);
  await mkdir(inner);
  return inner;
}

/** A program of the shell's in the place of a Python, since no real one can be too old or broken on demand. */
async function python(place: string, fault = "", name = "python3", executable = ""): Promise<string> {
  const file = path.join(place, name);
  const answer = JSON.stringify({ executable: executable || file, version: "3.9.1", fault });
  return program(file, `test "$1 $2" = "-I -S" && pwd >"$0.cwd" && echo x >>"$0.asked" && echo '${answer}'`);
}

async function program(file: string, text = ""): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

async function extension(): Promise<{ root: string; bundle: Bundle }> {
  const root = await folder("extension");
  await program(path.join(root, "bundled", "libs", "tokenward", "__init__.py"));
  const bundle = await findBundle(root);
  assert.ok(bundle !== undefined);
  return { root, bundle };
}

function search(changes: Partial<ProgramSearch>, environment: NodeJS.ProcessEnv = {}): ProgramSearch {
  const PATH = `/bin${path.delimiter}/usr/bin`;
  return {
    server: "",
    python: "",
    bundle: undefined,
    // Not the real PATH, which may have a Python.
    machine: { platform: "linux", home: "/home/nobody", environment: { PATH, ...environment } },
    folders: [],
    selectedInterpreter: () => Promise.resolve(undefined),
    ...changes,
  };
}

async function refusal(wanted: ProgramSearch): Promise<string | undefined> {
  return findProgram(wanted).then(
    () => assert.fail("found"),
    (error: unknown) => notFoundMessage(error, l10n),
  );
}

function bundled(command: string, bundle: Bundle): FoundServer {
  return { program: { command, args: ["-I", "-S", bundle.launcher] }, isBundled: true };
}

test("an extension without a server has no bundle", async () => {
  assert.equal(await findBundle(await folder()), undefined);
});

test("the setting overrides the variable, then the bundle, then the PATH", async () => {
  const place = await folder();
  const [set, variable, onPath] = ["set", "variable", "tokenward"].map((name) => path.join(place, name));
  assert.ok(set !== undefined && variable !== undefined && onPath !== undefined);
  await Promise.all([set, variable, onPath].map((file) => program(file)));
  const { bundle } = await extension();
  const found = await python(place);
  const installed = (command: string): FoundServer => ({ program: { command, args: [] }, isBundled: false });
  const environment = { PATH: place, TOKENWARD_SERVER: variable };
  assert.deepEqual(await findProgram(search({ server: ` ${set} `, bundle }, environment)), installed(set));
  assert.deepEqual(await findProgram(search({ bundle }, environment)), installed(variable));
  const noVariable = { ...environment, TOKENWARD_SERVER: "" };
  assert.deepEqual(await findProgram(search({ bundle }, noVariable)), bundled(found, bundle));
  assert.deepEqual(await findProgram(search({}, noVariable)), installed(onPath));
});

test("the configured Python overrides the selected interpreter, then the PATH", async () => {
  const { bundle } = await extension();
  const place = await folder();
  const [set, elsewhere] = [await python(place, "", "set"), await python(place, "", "elsewhere")];
  const onPath = await python(place);
  const selectedInterpreter = (): Promise<string> => Promise.resolve(elsewhere);
  const environment = { PATH: place };
  const found = (changes: Partial<ProgramSearch>): Promise<FoundServer> => findProgram(search({ bundle, ...changes }, environment));
  assert.deepEqual(await found({ python: set, selectedInterpreter }), bundled(set, bundle));
  assert.deepEqual(await found({ selectedInterpreter }), bundled(elsewhere, bundle));
  assert.deepEqual(await found({}), bundled(onPath, bundle));
});

test("the bundled Python needs no other, unless one is configured or it cannot run here", async () => {
  const { bundle } = await extension();
  const [place, elsewhere] = [await folder(), await folder()];
  const [onPath, set] = [await python(place), await python(elsewhere)];
  const found = (changes: Partial<ProgramSearch>, PATH = ""): Promise<FoundServer> => findProgram(search({ bundle, ...changes }, { PATH }));
  await mkdir(path.dirname(bundle.python), { recursive: true });
  const [inside, name] = [path.dirname(bundle.python), path.basename(bundle.python)];
  await python(inside, "OSError", name);
  assert.deepEqual(await found({}, place), bundled(onPath, bundle));
  const own = await python(inside, "", name);
  const selectedInterpreter = (): Promise<string> => Promise.resolve(onPath);
  assert.deepEqual(await found({}), bundled(own, bundle));
  assert.deepEqual(await found({ selectedInterpreter }, place), bundled(own, bundle));
  assert.deepEqual(await found({ python: set }, place), bundled(set, bundle));
});

test("a Python that cannot run the bundle is skipped, and so is any other program", async () => {
  const { bundle } = await extension();
  const [old, broken, fit] = [await folder(), await folder(), await folder()];
  await python(old, "version");
  await program(path.join(broken, "python3"), "exit 1");
  await python(broken, "ImportError", "python");
  const expected = await python(fit);
  const environment = { PATH: [old, broken, fit].join(path.delimiter) };
  assert.deepEqual(await findProgram(search({ bundle }, environment)), bundled(expected, bundle));
});

test("the executable that a Python reports is used, and probed once, in its own folder", async () => {
  const { bundle } = await extension();
  const place = await folder();
  const real = await python(place, "", "real");
  const shim = await python(place, "", "python3", real);
  for (let turn = 0; turn < 2; turn += 1) {
    assert.deepEqual(await findProgram(search({ bundle }, { PATH: place })), bundled(real, bundle));
  }
  assert.equal(execFileSync("cat", [`${shim}.asked`, `${shim}.cwd`], { encoding: "utf8" }), `x\n${place}\n`);
});

test("no Python inside the workspace runs unless it is configured", async () => {
  const { bundle } = await extension();
  const [workspace, outside] = [await folder("ws"), await folder()];
  const theirs = await python(path.join(workspace, ".venv"));
  await symlink(theirs, path.join(outside, "python3"));
  await python(outside, "", "python", theirs);
  const selectedInterpreter = (): Promise<string> => Promise.resolve(theirs);
  const hostile = { bundle, folders: [workspace], selectedInterpreter };
  const environment = { PATH: `${path.dirname(theirs)}${path.delimiter}${outside}` };
  assert.match((await refusal(search(hostile, environment))) ?? "", /needs Python 3\.11/);
  assert.throws(() => execFileSync("cat", [`${theirs}.asked`], { stdio: "pipe" }));
  assert.deepEqual(await findProgram(search({ ...hostile, python: theirs }, environment)), bundled(theirs, bundle));
});

test("no server inside the workspace runs unless it is configured", async () => {
  const [workspace, outside] = [await folder("ws"), await folder()];
  const theirs = await program(path.join(workspace, "bin", "tokenward"));
  await symlink(theirs, path.join(outside, "tokenward"));
  const environment = { PATH: [path.dirname(theirs), outside].join(path.delimiter) };
  const hostile = { folders: [workspace] };
  assert.match((await refusal(search(hostile, environment))) ?? "", /on the PATH/);
  assert.equal((await findProgram(search({ ...hostile, server: theirs }, environment))).program.command, theirs);
  const own = await folder();
  const ours = await program(path.join(own, "tokenward"));
  environment.PATH += path.delimiter + own;
  assert.equal((await findProgram(search(hostile, environment))).program.command, ours);
});

test("without a Python, an installed server is used, or an error names what is missing", async () => {
  const { bundle } = await extension();
  const [place, empty] = [await folder(), await folder()];
  const old = await python(place, "version");
  assert.match((await refusal(search({ bundle }, { PATH: empty }))) ?? "", /none was found/);
  assert.match((await refusal(search({ bundle }, { PATH: place }))) ?? "", new RegExp(`${old}\\|3\\.9\\.1$`));
  await python(place, "ImportError", "python");
  assert.match((await refusal(search({ bundle }, { PATH: place }))) ?? "", /cannot load.*\|ImportError$/);
  await python(place, "libstdc++.so.6", "python");
  assert.match((await refusal(search({ bundle }, { PATH: place }))) ?? "", /system library.*\|libstdc\+\+\.so\.6$/);
  const server = await program(path.join(place, "tokenward"));
  assert.equal((await findProgram(search({ bundle }, { PATH: place }))).program.command, server);
  const wrong = search({ bundle, python: path.join(empty, "none") }, { PATH: place });
  assert.match((await refusal(wrong)) ?? "", /is not a working Python.*\|.*none$/);
  assert.match((await refusal(search({ bundle, python: "./python3" }))) ?? "", /is not a working Python/);
});

test("an error names a server that is not found, and the next step", async () => {
  for (const [server, said] of [
    ["./tokenward", /is relative.*\|\.\/tokenward$/],
    ["/nowhere/tokenward", /no program at.*\|\/nowhere\/tokenward$/],
    ["nowhere", /on the PATH. Install it.*\|nowhere$/],
  ] as const) {
    assert.match((await refusal(search({ server }))) ?? "", said);
  }
  assert.equal(notFoundMessage(new Error("other"), l10n), undefined);
});

test("the terminal command starts the program, whatever characters its path has", async () => {
  const place = await folder("it's $HOME `x` \"y\" 100%");
  const command = await program(path.join(place, "python"), 'printf "%s\\n" "$@"');
  const machine = { platform: "linux", home: "/", environment: {} } as const;
  const appended: unknown[] = [];
  const terminals = { description: undefined, clear: () => appended.splice(0), append: (...given: unknown[]) => appended.push(given.slice(0, 2)) };
  const bin = path.join(place, "new", "bin");
  for (const launcher of ["old.py", "launch.py"]) {
    const found = { command, args: ["-I", "-S", path.join(place, launcher)] };
    await addTerminalCommand(found, bin, terminals, machine, l10n);
  }
  assert.deepEqual(appended, [["PATH", `:${bin}`]]);
  const said = execFileSync(path.join(bin, "tokenward"), ["run", "--", "a b", "*"], { encoding: "utf8" });
  assert.deepEqual(said.trimEnd().split("\n"), ["-I", "-S", path.join(place, "launch.py"), "run", "--", "a b", "*"]);
});

test("on Windows there is a launcher for each kind of shell, without the user's name", () => {
  const machine = { platform: "win32", home: String.raw`C:\Users\Jürgen`, environment: {} } as const;
  const args = ["-I", "-S", String.raw`C:\Users\Jürgen\.vscode\50%\launch.py`];
  const files = launcherScripts({ command: String.raw`C:\Python\python.exe`, args }, machine);
  assert.equal(
    files.get("tokenward.cmd"),
    String.raw`@"C:\Python\python.exe" "-I" "-S" "%USERPROFILE%\.vscode\50%%\launch.py" %*` + "\r\n",
  );
  assert.match(files.get("tokenward") ?? "", /^#!\/bin\/sh\nexec 'C:\/Python\/python\.exe' /);
});
