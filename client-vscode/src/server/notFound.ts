import { type Lack, ProgramNotFound } from "./executable";
import type { L10n } from "../util/localize";
import { type Answer, PythonNotFound } from "./python";

/** Why there is no server and what to do, for the user; undefined for any other failure. */
export function whyNotFound(error: unknown, l10n: L10n): string | undefined {
  if (error instanceof PythonNotFound) {
    return whyNoPython(error, l10n);
  }
  return error instanceof ProgramNotFound ? whyNoProgram(error.lack, error.wanted, l10n) : undefined;
}

function whyNoProgram(lack: Lack, wanted: string, l10n: L10n): string {
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

function whyNoPython({ configured, unfit }: PythonNotFound, l10n: L10n): string {
  const [first] = unfit;
  if (configured !== "" && first === undefined) {
    return l10n.t("Tokenward's server needs Python 3.11 or newer, and {0} is none; set another one.", configured);
  }
  if (first === undefined) {
    return l10n.t("Tokenward's server needs Python 3.11 or newer, and none was found; install it, or set its path.");
  }
  return unfit.every(isOld)
    ? l10n.t(
        "Tokenward's server needs Python 3.11 or newer, and {0} is {1}; install a newer one, or set its path.",
        first.executable,
        first.version,
      )
    : whyUnfit(unfit.find((answer) => !isOld(answer)) ?? first, l10n);
}

function isOld({ fault }: Answer): boolean {
  return fault === "version";
}

function whyUnfit({ executable, version, fault }: Answer, l10n: L10n): string {
  return l10n.t(
    "Python {0} at {1} cannot load Tokenward's server, which may be made for another processor ({2}); install another Python, or set its path.",
    version,
    executable,
    fault,
  );
}
