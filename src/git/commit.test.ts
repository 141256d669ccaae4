import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { processorMs } from '../../test/processor-time.ts';
import { parseCommit } from './commit.ts';
import { isValidRefName } from './ref-name.ts';

const SHA = 'a'.repeat(40);
const TREE = 'b'.repeat(40);
const object = (message: string | Buffer, author = 'Ada <ada@example.com> 0 +0000', more = '') =>
  Buffer.concat([
    Buffer.from(`tree ${TREE}\nauthor ${author}\ncommitter ${author}\n${more}\n`, 'latin1'),
    Buffer.from(message),
  ]);

describe('a title is the first line, cut between words at 80 characters', () => {
  const cases: [string, string][] = [
    ['Short\n\nbody', 'Short'],
    ['\n\n  Late\nbody', 'Late'],
    ['', ''],
    ['x'.repeat(79), 'x'.repeat(79)],
    ['x'.repeat(80), `${'x'.repeat(78)}...`],
    [`${'word '.repeat(20)}end`, `${'word '.repeat(15).trimEnd()}...`],
    ['one\r\ntwo', 'one'],
  ];
  for (const [message, title] of cases) {
    test(JSON.stringify(message.slice(0, 30)), () => {
      assert.equal(parseCommit(SHA, object(message)).title, title);
    });
  }
});

describe('a commit is data, whatever it holds', () => {
  test('shell and terminal characters come out as they are', () => {
    const message = '`id` $(id) \'"; \u001b[31m\n';
    assert.equal(parseCommit(SHA, object(message)).message, message);
  });
  test('a first line of a megabyte is read at once', () => {
    const started = processorMs();
    const commit = parseCommit(SHA, object('x'.repeat(1 << 20), `${'<'.repeat(1 << 20)} 0 +0000`));
    assert.equal(commit.title.length, 81);
    assert.equal(commit.authorEmail, '');
    assert.ok(processorMs() - started < 1000);
  });
  test('another encoding is decoded', () => {
    const latin1 = object(
      Buffer.from('caf\u00e9', 'latin1'),
      'Ren\u00e9 <r@example.com> 0 +0000',
      'encoding ISO-8859-1\n',
    );
    assert.equal(parseCommit(SHA, latin1).message, 'café');
    assert.equal(parseCommit(SHA, latin1).authorName, 'René');
  });
  test('an unknown encoding and bytes that are no text do not throw', () => {
    const odd = object(Buffer.from([0xff, 0xfe, 0x00]), 'A <a@example.com> 0 +0000', 'encoding none\n');
    assert.equal(parseCommit(SHA, odd).message, '\uFFFD\uFFFD');
  });
  test('a date outside of time becomes the epoch', () => {
    const commit = parseCommit(SHA, object('x', 'A <a@example.com> 999999999999 +9999'));
    assert.equal(commit.authoredDate, '1970-01-01T00:00:00.000+00:00');
    assert.equal(parseCommit(SHA, Buffer.from('')).committedDate, '1970-01-01T00:00:00.000+00:00');
  });
});

describe('a ref name', () => {
  const good = [
    'main',
    'feature/x',
    'a;id',
    '$(id)',
    'v1.0',
    'ünïcode',
    'a-b',
    'x@y',
    'refs',
    '`id`',
    '"',
    'a&b|c',
  ];
  for (const name of good) test(`${name} is legal`, () => assert.equal(isValidRefName(name), true));
  const bad = [
    '',
    '-u',
    '--output=/tmp/pwn',
    'HEAD',
    '@',
    'refs/heads/main',
    'a'.repeat(40),
    'F'.repeat(40),
    '0'.repeat(64),
    'x'.repeat(256),
    'a b',
    'a\nb',
    'a\u0000',
    'a\u007f',
    'a..b',
    '../x',
    'a/../b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a/',
    '/a',
    'a//b',
    'a.',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a@{1}',
    'a\uFFFD',
  ];
  for (const name of bad)
    test(`${JSON.stringify(name)} is not`, () => assert.equal(isValidRefName(name), false));
});
