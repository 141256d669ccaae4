import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from './parse.ts';
import { printYaml } from './print.ts';

/** What is read, and how Psych prints it. */
const PRINTED: [string, string][] = [
  ['{a: [1, {b: c, d: [e]}, [f, g]]}', '---\na:\n- 1\n- b: c\n  d:\n  - e\n- - f\n  - g\n'],
  ['{a: {}, b: [], c: ~, d: true, e: 1.5}', '---\na: {}\nb: []\nc:\nd: true\ne: 1.5\n'],
  [
    '{a: "yes", b: "1", c: "a: b", d: "x #y", e: "", f: "it\'s"}',
    "---\na: 'yes'\nb: '1'\nc: 'a: b'\nd: 'x #y'\ne: ''\nf: it's\n",
  ],
  ['{a: ".hidden", b: "$VAR", c: "y", d: "- x"}', '---\na: ".hidden"\nb: "$VAR"\nc: "y"\nd: "- x"\n'],
  ['a: |\n  one\n    two\n\n  three\n', '---\na: |\n  one\n    two\n\n  three\n'],
  ['- "one\\ntwo"', '---\n- |-\n  one\n  two\n'],
  ['"2024-01-02"', "--- '2024-01-02'\n"],
  ['{10: a, "10": b}', "---\n10: a\n'10': b\n"],
  ['{a: "\\e[0m"}', '---\na: "\\u001b[0m"\n'],
  ['[!reference [a, b]]', '---\n- !reference ["a", "b"]\n'],
];

for (const [text, printed] of PRINTED) {
  test(`${JSON.stringify(text)} is printed as Psych prints it`, () => {
    const parsed = parseYaml(text, 'f.yml');
    assert.ok(parsed.ok);
    assert.equal(printYaml(parsed.value), printed);
  });
}
