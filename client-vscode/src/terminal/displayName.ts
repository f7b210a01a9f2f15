import { breakLinks, sanitise } from "../util/sanitise";

const LONGEST = 60;

/** Returns a terminal's name for use in a message; a program may have set the name. */
export function displayName(name: string): string {
  return breakLinks(sanitise(name)).slice(0, LONGEST);
}
