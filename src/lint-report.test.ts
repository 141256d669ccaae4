import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigMessage } from './config/compiled.ts';
import { reportMessage } from './lint-report.ts';

const PLAIN = { color: false };

function at(line: number, column: number, message = 'it is wrong'): ConfigMessage {
  return { severity: 'error', message, position: { file: 'ci.yml', line, column } };
}

test('a message shows its line with a caret below the place', () => {
  assert.equal(
    reportMessage(at(2, 3), 'a:\n  b: 1\nc: 2\n', PLAIN),
    'ci.yml:2:3: error: it is wrong\n 2 |   b: 1\n   |   ^',
  );
});

test('a caret stands right after tabs', () => {
  const [, shown, caret] = reportMessage(at(1, 3), '\t\tx: 1', PLAIN).split('\n');
  assert.deepEqual([shown, caret], [' 1 | \t\tx: 1', '   | \t\t^']);
});

test('of a long line the part around the place is shown', () => {
  const line = `${'\n'.repeat(11)}${'x'.repeat(500)}HERE${'y'.repeat(500)}`;
  const [, shown = '', caret = ''] = reportMessage(at(12, 501), line, PLAIN).split('\n');
  assert.ok(shown.length < 120);
  assert.equal(shown.slice(caret.indexOf('^'), caret.indexOf('^') + 4), 'HERE');
  assert.match(shown, /^ 12 \| …x+HEREy+…$/);
});

test('a warning without a place is one line', () => {
  assert.equal(
    reportMessage({ severity: 'warning', message: 'beware' }, undefined, PLAIN),
    'warning: beware',
  );
});

test('a place in an unknown file, or past its end, is named without a line', () => {
  assert.equal(reportMessage(at(9, 1), undefined, PLAIN), 'ci.yml:9:1: error: it is wrong');
  assert.equal(reportMessage(at(9, 1), 'short', PLAIN), 'ci.yml:9:1: error: it is wrong');
});

test('no control character of a file reaches the terminal', () => {
  const report = reportMessage(at(1, 1, 'bad \x1b[31m'), 'a: \x1b]0;title\x07\u202e', PLAIN);
  assert.doesNotMatch(report, /(?!\n)\p{Cc}|\p{Cf}/u);
});

test('colours are only there when wanted', () => {
  assert.ok(reportMessage(at(1, 1), 'a', { color: true }).includes('\x1b[31merror\x1b[39m'));
  assert.equal(reportMessage(at(1, 1), 'a', PLAIN).includes('\x1b'), false);
});
