import assert from "node:assert/strict";
import { test } from "node:test";
import { codePointColumn } from "../../src/tokens/codePointColumn";
import { countFindings, countWarnings } from "../../src/tokens/findings";
import { type Group, groupByFile, groupByToken } from "../../src/tokens/groups";
import {
  fileLabel,
  findingAriaLabel,
  findingDescription,
  groupAriaLabel,
  lineLabel,
  nameLabel,
  placesLabel,
  summaryText,
} from "../../src/tokens/labels";
import { placeOf, type WorkspaceLookup } from "../../src/tokens/places";
import { found, l10n, type Row, uri, warning } from "../findings";

function outline(groups: readonly Group[]): string[] {
  return groups.map(({ id, findings }) => {
    const places = findings.map(({ place, range }) => `${place.label}:${range.start.line.toString()}`);
    return `${id} ${places.join(" ")}`;
  });
}

test("only our diagnostics with a fingerprint are findings", () => {
  const others = [
    warning("a", { source: "ts" }),
    warning("a", { data: undefined }),
    warning("a", { data: null }),
    warning("a", { data: "a" }),
    warning("a", { data: { fingerprint: 7 } }),
  ];
  assert.deepEqual(found(["one", ...others], ["two"]), []);
});

test("duplicate diagnostics count once", () => {
  assert.equal(found(["one", warning("a"), warning("a")], ["one", warning("a")]).length, 1);
  assert.equal(found(["one", warning("a"), warning("b"), warning("a", { line: 1 })]).length, 3);
});

test("a finding is labelled with its variable, else its kind, and its line", () => {
  const [named, plain] = found(["one", warning("a", { name: "GH", line: 3 }), warning("b", { line: 4 })]);
  assert.ok(named && plain);
  const said = [named, plain].map((one) => [nameLabel(one), findingDescription(one, nameLabel(one), l10n)]);
  assert.deepEqual(said, [["GH", "GitHub token · line 4"], ["GitHub token", "line 5"]]);
  assert.equal(findingDescription(named, "one", l10n), "GH · GitHub token · line 4");
  assert.equal(findingAriaLabel(named, l10n), "GH, GitHub token, warning, one, line 4");
});

test("an untrusted rule's name is sanitised", () => {
  const [finding] = found(["one", warning("a", { token: "safe\u202ekcatta\n" })]);
  assert.equal(finding?.token, "safe\ufffdkcatta\ufffd");
});

test("groups by file are sorted by name, and findings by position", () => {
  const findings = found(
    ["b10", warning("x")],
    ["b9", warning("x", { line: 20 }), warning("y", { line: 3, character: 9 }), warning("y", { line: 3 })],
    ["a/z", warning("y")],
  );
  assert.deepEqual(outline(groupByFile(findings)), ["file:///a/z a/z:0", "file:///b9 b9:3 b9:3 b9:20", "file:///b10 b10:0"]);
});

test("groups by token start with the most serious, and have their worst severity", () => {
  const findings = found(
    ["a", warning("info", { severity: 2 }), warning("worst", { line: 1 })],
    ["b", warning("worst", { severity: 0 }), warning("warned", { line: 1, token: "AWS key" })],
    ["c", warning("hint", { severity: 3, token: "Aha" })],
  );
  assert.deepEqual(outline(groupByToken(findings)), ["worst a:1 b:0", "warned b:1", "hint c:0", "info a:0"]);
  assert.deepEqual(groupByToken(findings).map(({ severity }) => severity), ["error", "warning", "information", "information"]);
});

test("the order does not depend on the order of the diagnostics", () => {
  const files = ["é", "E", "e", "file 2", "file 10", "Z"].map((name) => [name, warning("b"), warning("a")] as const);
  const one = found(...files);
  const other = found(...[...files].reverse());
  assert.deepEqual(outline(groupByFile(one)), outline(groupByFile(other)));
  assert.deepEqual(outline(groupByToken(one)), outline(groupByToken(other)));
});

test("no finding is lost, and each has a unique id", () => {
  const files = Array.from({ length: 1_000 }, (_, file) => {
    const warnings = Array.from({ length: 20 }, (_, line) => warning(`${(file % 7).toString()} ${line.toString()}`, { line }));
    return [`folder/${file.toString()}.py`, ...warnings] as const;
  });
  const findings = found(...files);
  assert.equal(new Set(findings.map(({ id }) => id)).size, 20_000);
  assert.equal(groupByFile(findings).length, 1_000);
  assert.equal(groupByToken(findings).length, 140);
});

test("places are counted by severity, and information does not count as exposed", () => {
  const tally = countFindings(
    found(
      ["a", warning("x", { severity: 0 }), warning("x", { severity: 0, line: 1 }), warning("y", { line: 2 })],
      ["b", warning("z", { severity: 2 })],
    ),
  );
  assert.deepEqual(tally, { error: 2, warning: 1, information: 1, tokens: 2 });
  assert.equal(countWarnings(tally), 3);
  assert.deepEqual(summaryText(tally, l10n).split("\n"), [
    "2 exposed tokens in 3 places.",
    "Errors: 2",
    "Warnings: 1",
    "Information: 1",
  ]);
});

test("the summary handles one token, no working token, and none", () => {
  const summary = (...files: readonly Row[]): string => summaryText(countFindings(found(...files)), l10n);
  assert.equal(summary(["a", warning("x")]), "1 exposed token in 1 place.\nWarnings: 1");
  assert.equal(
    summary(["a", warning("x", { severity: 2 })]),
    "No working token is exposed.\nInformation: 1",
  );
  assert.equal(summary(), "No exposed tokens.");
});

const SURROUNDINGS: WorkspaceLookup = {
  relativePath: (file) => file.path.slice(1),
  cellOf: (cell) => (cell.scheme === "vscode-notebook-cell" ? { notebook: uri("file:///n.ipynb"), index: 2 } : undefined),
};

test("a place is labelled with its path, notebook or terminal", () => {
  assert.deepEqual(placeOf(uri("file:///src/a.py"), SURROUNDINGS), {
    file: "file:///src/a.py",
    label: "src/a.py",
    isTerminal: false,
  });
  assert.deepEqual(placeOf(uri("vscode-notebook-cell:///n.ipynb#x"), SURROUNDINGS), {
    file: "file:///n.ipynb",
    label: "n.ipynb",
    isTerminal: false,
    cell: 2,
  });
  assert.deepEqual(placeOf(uri("tokenward-terminal:///7/bash"), SURROUNDINGS), {
    file: "tokenward-terminal:///7/bash",
    label: "bash",
    isTerminal: true,
  });
});

test("a file's name is sanitised", () => {
  assert.equal(placeOf(uri("file:///a\u202eyp.exe"), SURROUNDINGS).label, "a\ufffdyp.exe");
});

test("labels count lines and cells from 1", () => {
  const [finding] = found(["a.py", warning("x", { line: 11, severity: 0 })]);
  assert.ok(finding);
  assert.equal(lineLabel(finding, l10n), "line 12");
  assert.equal(lineLabel({ ...finding, place: { ...finding.place, cell: 0 } }, l10n), "cell 1, line 12");
  assert.equal(fileLabel({ ...finding, place: { ...finding.place, isTerminal: true } }, l10n), "Terminal a.py");
});

test("a screen reader gets the severity and the place", () => {
  const findings = found(["a.py", warning("x", { line: 11, severity: 0 }), warning("x", { line: 12, severity: 2 })]);
  const [finding] = findings;
  const [group] = groupByFile(findings);
  assert.ok(finding && group);
  assert.equal(findingAriaLabel(finding, l10n), "GitHub token, error, a.py, line 12");
  assert.equal(placesLabel(group, l10n), "2 places");
  assert.equal(groupAriaLabel(group, "a.py", l10n), "a.py, 2 places, error");
});

test("columns count code points, as on the server", () => {
  assert.equal(codePointColumn('x = "😀 token"', 8), 7);
  assert.equal(codePointColumn("abc", 2), 2);
  assert.equal(codePointColumn("", 5), 0);
});
