import assert from "node:assert/strict";
import { test } from "node:test";
import { HiddenSpans } from "../../src/hiding/hiddenSpans";
import { type Change, findOccurrences, mergeSpans, shiftSpans, type Span } from "../../src/hiding/spans";

const URI = "file:///a";

/** A span or a range as `line:column-line:column`. */
function span(text: string): Span {
  const [start, end] = text.split("-").map((spot) => {
    const [line = 0, character = 0] = spot.split(":").map(Number);
    return { line, character };
  });
  assert.ok(start && end);
  return { start, end };
}

function written({ start, end }: Span): string {
  return `${start.line.toString()}:${start.character.toString()}-${end.line.toString()}:${end.character.toString()}`;
}

function change(range: string, text: string): Change {
  return { range: span(range), text };
}

const CASES: readonly (readonly [what: string, before: string, change: Change, after: string[]])[] = [
  ["a change behind it", "1:4-1:9", change("1:10-1:12", "xyz"), ["1:4-1:9"]],
  ["a change before it on its line", "1:4-1:9", change("1:0-1:1", "xyz"), ["1:6-1:11"]],
  ["lines put in before it", "1:4-1:9", change("0:0-0:0", "a\r\nb\n"), ["3:4-3:9"]],
  ["its line broken before it", "1:4-1:9", change("1:2-1:2", "\n"), ["2:2-2:7"]],
  ["lines taken out before it", "3:4-3:9", change("0:0-2:0", ""), ["1:4-1:9"]],
  ["its line joined to the one before", "1:4-1:9", change("0:5-1:0", ""), ["0:9-0:14"]],
  ["typed into it", "1:4-1:9", change("1:6-1:6", "xy"), ["1:4-1:11"]],
  ["typed at its beginning", "1:4-1:9", change("1:4-1:4", "xy"), ["1:4-1:11"]],
  ["typed at its end", "1:4-1:9", change("1:9-1:9", "xy"), ["1:4-1:11"]],
  ["a line break put into it", "1:4-1:9", change("1:6-1:6", "\n"), ["1:4-2:3"]],
  ["taken out", "1:4-1:9", change("1:4-1:9", ""), []],
  ["taken out with what is around it", "1:4-1:9", change("0:0-2:0", ""), []],
  ["replaced by something longer", "1:4-1:9", change("1:4-1:9", "0123456789"), ["1:4-1:14"]],
  ["its beginning taken out", "1:4-1:9", change("1:2-1:6", ""), ["1:2-1:5"]],
  ["its end replaced", "1:4-1:9", change("1:7-1:12", "xy"), ["1:4-1:9"]],
  ["the first line of several taken out", "1:4-5:3", change("1:4-2:0", ""), ["1:4-4:3"]],
];

for (const [what, before, given, after] of CASES) {
  test(`what is hidden stays hidden: ${what}`, () => {
    assert.deepEqual(shiftSpans([span(before)], given).map(written), after);
  });
}

test("a span follows its text through changes elsewhere", () => {
  const token = "TOKEN-VALUE";
  const text = `first\nsecond = "${token}"\nthird\n`;
  const value = text.indexOf(token);
  for (let start = 0; start <= text.length; start += 1) {
    for (let end = start; end <= text.length; end += 1) {
      if (start < value + token.length && end > value) {
        continue;
      }
      for (const added of ["", "x", "\n", "ab\ncd"]) {
        const changed = text.slice(0, start) + added + text.slice(end);
        const given = { range: between(text, start, end), text: added };
        const [after] = shiftSpans([between(text, value, value + token.length)], given);
        assert.ok(after);
        assert.ok(textOf(changed, after).includes(token), JSON.stringify(given));
      }
    }
  }
});

function between(text: string, start: number, end: number): Span {
  const [first, last] = [start, end].map((offset) => {
    const lines = text.slice(0, offset).split("\n");
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  });
  assert.ok(first && last);
  return { start: first, end: last };
}

function textOf(text: string, { start, end }: Span): string {
  const lines = text.split("\n");
  const offset = ({ line, character }: Span["start"]): number =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, character);
  return text.slice(offset(start), offset(end));
}

test("merged lists have no duplicate spans", () => {
  assert.deepEqual(mergeSpans([span("1:0-1:2")], [span("1:0-1:2"), span("1:0-1:3")]).map(written), ["1:0-1:2", "1:0-1:3"]);
});

test("every occurrence of every value is found, but none of an empty one", () => {
  assert.deepEqual(findOccurrences("abc abc x", ["abc", "x", ""]), [[0, 3], [4, 7], [8, 9]]);
  assert.deepEqual(findOccurrences("abc", []), []);
});

function hidden(state: HiddenSpans): string[] {
  return state.spansIn(URI).map(written);
}

test("a warning hides text at once; only a quiet period reveals it", () => {
  const state = new HiddenSpans();
  state.add(URI, [span("1:0-1:9")]);
  state.shift(URI, [change("0:0-0:0", "\n")]);
  // Of the text before the change.
  state.add(URI, [span("1:0-1:9")]);
  assert.deepEqual(hidden(state), ["2:0-2:9", "1:0-1:9"]);
  state.settle(URI, [span("2:0-2:9")]);
  assert.deepEqual(hidden(state), ["2:0-2:9"]);
  state.settle(URI, []);
  assert.deepEqual(hidden(state), []);
});

test("text hidden when a server ends stays hidden until another sends warnings", () => {
  const state = new HiddenSpans();
  state.add(URI, [span("1:0-1:9")]);
  state.hold();
  state.settle(URI, []);
  state.shift(URI, [change("0:0-0:0", "\n")]);
  assert.deepEqual(hidden(state), ["2:0-2:9"]);
  state.settle(URI, [span("2:0-2:5")]);
  assert.deepEqual(hidden(state), ["2:0-2:5"]);
  state.settle(URI, []);
  assert.deepEqual(hidden(state), []);
});

test("closed documents are forgotten", () => {
  const state = new HiddenSpans();
  state.add(URI, [span("1:0-1:9")]);
  state.hold();
  state.forget(URI);
  assert.deepEqual(hidden(state), []);
  state.add(URI, [span("1:0-1:9")]);
  state.settle(URI, []);
  assert.deepEqual(hidden(state), []);
});
