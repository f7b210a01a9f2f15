import { breakLinks, sanitise } from "../util/sanitise";

const LONGEST = 60;

/** Return a terminal's name as a message may quote it; a program may have set the name. */
export function displayName(name: string): string {
  return breakLinks(sanitise(name)).slice(0, LONGEST);
}
