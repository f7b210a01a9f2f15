import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  logLevel: "warning",
  // Paths in the output must not depend on the folder that it is built from.
  absWorkingDir: import.meta.dirname,
};

if (process.argv.includes("--tests")) {
  await buildTests();
} else {
  await buildExtension();
}

async function buildExtension() {
  const given = process.argv.find((argument) => argument.startsWith("--out="));
  const folder = given?.slice("--out=".length) ?? "out";
  const { metafile } = await build({
    ...common,
    entryPoints: ["src/extension.ts"],
    outfile: path.join(folder, "extension.js"),
    minify: true,
    metafile: true,
  });
  await writeFile(path.join(folder, "THIRD-PARTY-NOTICES.txt"), await notices(metafile));
}

async function buildTests() {
  await rm("out/test", { recursive: true, force: true });
  await mkdir("out/test", { recursive: true });
  const tests = (await readdir("test", { recursive: true })).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests.map((name) => path.join("test", name)),
    outbase: "test",
    outdir: "out/test",
    sourcemap: "inline",
  });
}

/** The licences of all packages in the bundle, which ask to be passed on with it. */
async function notices(metafile) {
  const inputs = Object.keys(metafile.inputs);
  const folders = new Set(
    inputs.flatMap((input) => input.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []),
  );
  const texts = await Promise.all([...folders].sort().map(notice));
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

async function notice(folder) {
  const { name, version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) {
    throw new Error(`${name} carries no licence, so it cannot be bundled.`);
  }
  return `${name} ${version}\n\n${(await readFile(path.join(folder, file), "utf8")).trim()}\n`;
}
