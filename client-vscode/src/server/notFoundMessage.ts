import type { L10n } from "../util/localize";
import { type NotFoundReason, ProgramNotFound } from "./findExecutable";
import { type ProbeResult, PythonNotFound } from "./findPython";

/** Explains to the user why no server was found and what to do; returns undefined for other errors. */
export function notFoundMessage(error: unknown, l10n: L10n): string | undefined {
  if (error instanceof PythonNotFound) {
    return pythonMessage(error, l10n);
  }
  return error instanceof ProgramNotFound ? programMessage(error.reason, error.wanted, l10n) : undefined;
}

function programMessage(lack: NotFoundReason, wanted: string, l10n: L10n): string {
  switch (lack) {
    case "relative":
      return l10n.t(
        'The Tokenward server path "{0}" is relative, so a workspace could supply the program. Set a full path or the name of a program on the PATH.',
        wanted,
      );
    case "absent":
      return l10n.t("Tokenward server not found: there is no program at {0}. Install it or set its path.", wanted);
    case "notOnPath":
      return l10n.t(
        'Tokenward server not found: there is no program "{0}" on the PATH. Install it or set its path.',
        wanted,
      );
  }
}

function pythonMessage({ configured, rejected }: PythonNotFound, l10n: L10n): string {
  const [first] = rejected;
  if (configured !== "" && first === undefined) {
    return l10n.t(
      "The Tokenward server needs Python 3.11 or newer, but {0} is not a working Python. Set another path.",
      configured,
    );
  }
  if (first === undefined) {
    return l10n.t("The Tokenward server needs Python 3.11 or newer, but none was found. Install Python or set its path.");
  }
  return rejected.every(isTooOld)
    ? l10n.t(
        "The Tokenward server needs Python 3.11 or newer, but {0} is version {1}. Install a newer Python or set its path.",
        first.executable,
        first.version,
      )
    : unusablePythonMessage(rejected.find((answer) => !isTooOld(answer)) ?? first, l10n);
}

function isTooOld({ fault }: ProbeResult): boolean {
  return fault === "version";
}

function unusablePythonMessage({ executable, version, fault }: ProbeResult, l10n: L10n): string {
  if (/\.so(?:\.\d+)*$/.test(fault)) {
    return l10n.t("The Tokenward server needs the system library {0}. Install the package that has it.", fault);
  }
  return l10n.t(
    "Python {0} at {1} cannot load the Tokenward server ({2}), which may be built for another processor. Install another Python or set its path.",
    version,
    executable,
    fault,
  );
}
