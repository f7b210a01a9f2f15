import type { WorkspaceConfiguration } from "vscode";
import { SERVER_SETTINGS } from "../names";

/**
 * The server's settings that somebody has set in the editor.
 *
 * A default is left out: the server would take it for a choice, and the user's and the workspace's own
 * settings files, which the editor's settings override, would never count.
 */
export function explicitSettings(
  configuration: Pick<WorkspaceConfiguration, "get" | "inspect">,
): Record<string, unknown> {
  const chosen = SERVER_SETTINGS.filter((key) => isSet(configuration.inspect(key)));
  return Object.fromEntries(chosen.map((key) => [key, configuration.get(key)]));
}

function isSet(inspected: ReturnType<WorkspaceConfiguration["inspect"]>): boolean {
  const places = [inspected?.globalValue, inspected?.workspaceValue, inspected?.workspaceFolderValue];
  return places.some((value) => value !== undefined);
}
