import type { StoredAside } from "../protocol";

const LONGEST = 200;

/** Returns the lookup in the result of a server command, for the clipboard; nothing that is not one short line. */
export function lookUpIn(result: unknown): string | undefined {
  const { lookUp } = (result ?? {}) as Partial<Record<keyof StoredAside, unknown>>;
  return typeof lookUp === "string" && lookUp.length <= LONGEST && !/\p{Cc}/u.test(lookUp) ? lookUp : undefined;
}
