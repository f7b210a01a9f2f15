import assert from "node:assert/strict";
import { test } from "node:test";
import { INTEGRATION_TIMEOUT, isIntegrationMissing } from "../../src/terminal/shellIntegration";

test("integration is missing only if a user works in a shell without it", () => {
  const blind = { hasIntegration: false, isUsed: true, isDrawn: false, hasEnded: false, age: INTEGRATION_TIMEOUT };
  assert.ok(isIntegrationMissing(blind));
  for (const other of [{ hasIntegration: true }, { isUsed: false }, { isDrawn: true }, { hasEnded: true }, { age: 9_999 }]) {
    assert.ok(!isIntegrationMissing({ ...blind, ...other }));
  }
});
