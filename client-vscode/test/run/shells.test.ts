import assert from "node:assert/strict";
import { test } from "node:test";
import { shellCommand } from "../../src/run/shells";

test("bash and fish start with shell integration", () => {
  assert.deepEqual(shellCommand("/usr/bin/bash", "/app/scripts"), {
    shell: "/usr/bin/bash",
    args: ["--init-file", "/app/scripts/shellIntegration-bash.sh"],
    variables: { VSCODE_INJECTION: "1" },
  });
  assert.deepEqual(shellCommand("fish", "/it's").args, ["--init-command", "source '/it\\'s/shellIntegration.fish'"]);
  for (const [shell, scripts] of [["/bin/zsh", "/app"], ["/bin/bash", undefined], ["C:\\x\\cmd.exe", "C:\\app"]] as const) {
    assert.deepEqual(shellCommand(shell, scripts), { shell, args: [], variables: {} });
  }
});
