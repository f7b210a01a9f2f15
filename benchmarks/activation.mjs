// The time for which the extension blocks the editor at startup: loading, and `activate` until it first waits for the
// disk. Needs `npm run build` in client-vscode; each run is a new process.
//
//     node benchmarks/activation.mjs [RUNS]
import { execFileSync } from "node:child_process";
import { writeSync } from "node:fs";
import { createRequire, Module } from "node:module";
import { fileURLToPath } from "node:url";

const EXTENSION = fileURLToPath(new URL("../client-vscode/out/extension.js", import.meta.url));

if (process.argv[2] === "once") {
  writeSync(1, JSON.stringify(once()));
  // Stop everything that `activate` has started.
  process.exit();
} else {
  const runs = Number(process.argv[2] ?? 20);
  const own = fileURLToPath(import.meta.url);
  const taken = Array.from({ length: runs }, () => JSON.parse(execFileSync(process.execPath, [own, "once"]).toString()));
  for (const part of ["load", "activate"]) {
    const sorted = taken.map((run) => run[part]).sort((one, other) => one - other);
    const at = (share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1);
    console.log(`${part}: median ${at(0.5)} ms, 90% ${at(0.9)} ms`);
  }
}

function once() {
  const load = Module._load;
  // The editor's whole API exists and does nothing, so that only the extension's own time counts.
  Module._load = (request, ...rest) => (request === "vscode" ? anything() : load(request, ...rest));
  const require = createRequire(import.meta.url);
  const started = performance.now();
  const { activate } = require(EXTENSION);
  const loaded = performance.now();
  activate(anything());
  const activated = performance.now();
  return { load: loaded - started, activate: activated - loaded };
}

/** A value that can be called, constructed and extended, and has every property. */
function anything() {
  const known = new Map();
  return new Proxy(class {}, {
    get: (target, key) => {
      if (key === "prototype") {
        return target.prototype;
      }
      if (key === Symbol.toPrimitive) {
        return () => "";
      }
      if (key === Symbol.iterator) {
        return function* () {};
      }
      if (key === "then") {
        return undefined;
      }
      if (key === "__esModule") {
        return true;
      }
      return known.get(key) ?? known.set(key, anything()).get(key);
    },
    set: () => true,
    apply: () => anything(),
    construct: () => anything(),
  });
}
