import type { SecretStorage } from "vscode";
import type { Services } from "../feature";
import { METHOD_SECRET_DELETE, METHOD_SECRET_GET, METHOD_SECRET_STORE } from "../names";
import type { SecretKey } from "../protocol";
import type { Connection } from "./connection";

/** The part of VS Code's secret storage that is used. */
export type Secrets = Pick<SecretStorage, "get" | "store" | "delete">;

// The server's key for a token; the server cannot reach anything else in the storage.
const TOKEN_KEY = /^tokenward\/[a-z0-9][a-z0-9._-]{0,63}\/[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const PREFIX = "tokenward:";

/** Stores tokens for a server whose machine has no keyring, on the user's side of a remote connection. */
export function offerSecretStorage({ context, connection }: Services): [] {
  answerSecretRequests(connection, context.secrets);
  return [];
}

/** Lets the server use a secret storage; no value appears in a log or an error. */
export function answerSecretRequests(connection: Connection, secrets: Secrets): void {
  connection.announceCapability("secretStorage");
  connection.onRequest(METHOD_SECRET_GET, async (params) => {
    const key = storageKey(params);
    return { value: (await withoutErrorDetails(secrets.get(key))) ?? null };
  });
  connection.onRequest(METHOD_SECRET_STORE, async (params) => {
    const key = storageKey(params);
    if (typeof params.value !== "string") {
      throw new Error("The request has no value to store.");
    }
    await withoutErrorDetails(secrets.store(key, params.value));
    return {};
  });
  connection.onRequest(METHOD_SECRET_DELETE, async (params) => {
    await withoutErrorDetails(secrets.delete(storageKey(params)));
    return {};
  });
}

function storageKey({ key }: SecretKey): string {
  // The pattern alone would accept a list with such a key.
  if (typeof key !== "string" || !TOKEN_KEY.test(key)) {
    throw new Error("The key is not a token's key.");
  }
  return PREFIX + key;
}

/** Replaces an error of the storage, whose message might contain the secret. */
async function withoutErrorDetails<Result>(asked: Thenable<Result>): Promise<Result> {
  try {
    return await asked;
  } catch {
    throw new Error("The editor's secret storage failed.");
  }
}
