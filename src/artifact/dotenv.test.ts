import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDotenv } from './dotenv.ts';

const lines = (count: number) => Array.from({ length: count }, (_, n) => `K${n}=${n}`).join('\n');
const key = "Validation failed: Key can contain only letters, digits and '_'.";

const table: [string, string | Buffer, Record<string, string> | string][] = [
  ['nothing', '', {}],
  ['one line without its end', 'A=1', { A: '1' }],
  ['one line', 'A=1\n', { A: '1' }],
  ['Windows line ends', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
  ['spaces around', '  A  =  x y  \n', { A: 'x y' }],
  ['a value with equals signs', 'A=b=c==\n', { A: 'b=c==' }],
  ['an empty value', 'A=\n', { A: '' }],
  ['quotes, which are part of the value', 'A="x"\nB=\'y\'\n', { A: '"x"', B: "'y'" }],
  ['a variable, which is not expanded', 'A=$B\n', { A: '$B' }],
  ['a key twice: the last wins', 'A=1\nA=2\n', { A: '2' }],
  ['a byte order mark', Buffer.from('\ufeffA=1\n'), { A: '1' }],
  ['UTF-16, as PowerShell writes it', Buffer.from('\ufeffA=ü\r\nB=2\r\n', 'utf16le'), { A: 'ü', B: '2' }],
  ['UTF-16 the other way round', Buffer.from('\ufeffA=ü\n', 'utf16le').swap16(), { A: 'ü' }],
  ['bytes that are not UTF-8', Buffer.from([0x41, 0x3d, 0xff, 0x0a]), { A: '\ufffd' }],
  ['lower case and digits', 'a_1=x\n', { a_1: 'x' }],
  ['a line without an equals sign', 'A=1\nB\n', 'Invalid Format'],
  ['an empty line', 'A=1\n\nB=2\n', 'Invalid Format'],
  ['a comment', '# a comment\n', 'Invalid Format'],
  ['a key with a dash', 'A-B=1\n', key],
  ['a key with a space', 'A B=1\n', key],
  ['no key', '=1\n', key],
  [
    'as many variables as are allowed',
    lines(20),
    Object.fromEntries(
      lines(20)
        .split('\n')
        .map((line) => line.split('=')),
    ),
  ],
  ['one too many', lines(21), 'Dotenv files cannot have more than 20 variables'],
];

describe('a dotenv report with', () => {
  for (const [name, text, expected] of table) {
    it(`${name} is ${typeof expected === 'string' ? 'refused' : 'read'}`, () => {
      const result = parseDotenv(Buffer.from(text));
      const seen = result.ok
        ? Object.fromEntries(result.variables.map(({ key, value }) => [key, value]))
        : result.message;
      assert.deepEqual(seen, expected);
    });
  }
});
