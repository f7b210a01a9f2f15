import { type NotFoundReason, ProgramNotFound } from "./findExecutable";
import type { L10n } from "../util/localize";
import { type ProbeResult, PythonNotFound } from "./findPython";

/** Why there is no server and what to do, for the user; undefined for any other failure. */
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
        'Tokenward\'s server "{0}" is a relative path, which a workspace could fill; set its full path, or a name that is on the PATH.',
        wanted,
      );
    case "absent":
      return l10n.t("Tokenward's server was not found: there is no program at {0}; install it, or set its path.", wanted);
    case "notOnPath":
      return l10n.t(
        'Tokenward\'s server was not found: there is no program "{0}" on the PATH; install it, or set its path.',
        wanted,
      );
  }
}

function pythonMessage({ configured, rejected }: PythonNotFound, l10n: L10n): string {
  const [first] = rejected;
  if (configured !== "" && first === undefined) {
    return l10n.t("Tokenward's server needs Python 3.11 or newer, and {0} is none; set another one.", configured);
  }
  if (first === undefined) {
    return l10n.t("Tokenward's server needs Python 3.11 or newer, and none was found; install it, or set its path.");
  }
  return rejected.every(isTooOld)
    ? l10n.t(
        "Tokenward's server needs Python 3.11 or newer, and {0} is {1}; install a newer one, or set its path.",
        first.executable,
        first.version,
      )
    : unusablePythonMessage(rejected.find((answer) => !isTooOld(answer)) ?? first, l10n);
}

function isTooOld({ fault }: ProbeResult): boolean {
  return fault === "version";
}

function unusablePythonMessage({ executable, version, fault }: ProbeResult, l10n: L10n): string {
  return l10n.t(
    "Python {0} at {1} cannot load Tokenward's server, which may be made for another processor ({2}); install another Python, or set its path.",
    version,
    executable,
    fault,
  );
}
