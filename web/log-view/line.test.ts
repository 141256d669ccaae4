import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { visibleText } from '../../src/trace/line.ts';
import { MAX_SHOWN, parseLine } from './line.ts';
import { LineSplitter, splitBytes } from './line-splitter.ts';
import { nearest, PLAIN, rgbOf } from './style.ts';

const ESC = '\u001b';
const STAMP = '2026-01-02T03:04:05.678901Z 00O';
const CLASS = /^(?:(?:fg|bg)-(?:\d{1,3}|ground|text)|is-(?:bold|faint|italic|underline|strike))$/;

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      `${ESC}[31m`,
      `${ESC}[1;4;38;5;208m`,
      `${ESC}[38;2;1;2;3m`,
      `${ESC}[0m`,
      `${ESC}[m`,
      `${ESC}[7m`,
      `${ESC}[2K`,
      `${ESC}[0K`,
      `${ESC}]8;;javascript:alert(1)${ESC}\\`,
      `${ESC}]52;c;aGk=\u0007`,
      `${ESC}[38;5;1"onmouseover=alert(1)m`,
      `${ESC}P1$r${ESC}\\`,
      'section_start:1700000000:"><script>\r',
      'section_start:1700000000:name\r',
      '\r',
      '\r\r',
      '  ',
      '\t',
      'word',
      'ü',
      ESC,
      '\u009b31m',
    ),
    fc.string({ maxLength: 6 }),
  ),
  { maxLength: 20 },
);

describe('a line', () => {
  const table: [what: string, raw: string, spans: [text: string, classes: string][]][] = [
    ['plain', 'hello', [['hello', '']]],
    [
      'in colours',
      `${ESC}[31;1mred${ESC}[0;m plain`,
      [
        ['red', 'fg-1 is-bold'],
        [' plain', ''],
      ],
    ],
    [
      'in bright and background colours',
      `${ESC}[92;44mx${ESC}[39my${ESC}[49mz`,
      [
        ['x', 'fg-10 bg-4'],
        ['y', 'bg-4'],
        ['z', ''],
      ],
    ],
    [
      'in one of 256 colours',
      `${ESC}[38;5;208mx${ESC}[48;5;16my`,
      [
        ['x', 'fg-208'],
        ['y', 'fg-208 bg-16'],
      ],
    ],
    ['in true colour', `${ESC}[38;2;255;0;0mx`, [['x', 'fg-196']]],
    [
      'in true colour with colons',
      `${ESC}[38:2::255:0:0mx${ESC}[38:5:21;1my`,
      [
        ['x', 'fg-196'],
        ['y', 'fg-21 is-bold'],
      ],
    ],
    ['inverse', `${ESC}[31;7mx`, [['x', 'fg-ground bg-1']]],
    [
      'underlined, struck, faint and italic',
      `${ESC}[2;3;4;9mx${ESC}[22;23;24;29my`,
      [
        ['x', 'is-faint is-italic is-underline is-strike'],
        ['y', ''],
      ],
    ],
    [
      'with numbers that no colour has',
      `${ESC}[38;5;999mx${ESC}[38;2;1;2my${ESC}[123mz`,
      [
        ['x', ''],
        ['y', ''],
        ['z', ''],
      ],
    ],
    ['of a progress bar', '10%\r50%\r100%', [['100%', '']]],
    ['of a progress bar that was wiped', `10%\r100%\r${ESC}[K`, [['100%', '']]],
    ['that ends as on Windows', 'hello\r', [['hello', '']]],
    ['whose colour began before the return', `${ESC}[32m10%\r100%`, [['100%', 'fg-2']]],
    [
      'with a link, a title and a clipboard',
      `${ESC}]8;;javascript:alert(1)${ESC}\\link${ESC}]8;;${ESC}\\${ESC}]0;title\u0007!${ESC}]52;c;aGk=\u0007`,
      [
        ['link', ''],
        ['!', ''],
      ],
    ],
    [
      'that moves the cursor',
      `${ESC}[2J${ESC}[10;10Hx${ESC}7y`,
      [
        ['x', ''],
        ['y', ''],
      ],
    ],
    [
      'that begins a section',
      `section_start:1700000000:a[collapsed=true]\r${ESC}[0K${ESC}[36;1mHeader${ESC}[0;m`,
      [['Header', 'fg-6 is-bold']],
    ],
    ['of a runner with stamps', `${STAMP} one ${'\n'}${STAMP}+two`, [['one two', '']]],
  ];
  for (const [what, raw, spans] of table) {
    it(what, () => {
      assert.deepEqual(
        parseLine(raw).spans.map(({ text, classes }) => [text, classes]),
        spans,
      );
    });
  }

  it('has classes of the fixed table only, whatever stands in it, and the text that the server searches', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const raw = parts.join('').replaceAll('\n', '');
        const line = parseLine(raw);
        for (const { classes } of line.spans) {
          for (const name of classes.split(' ')) assert.ok(name === '' || CLASS.test(name), name);
        }
        assert.equal(line.text, visibleText(raw));
      }),
    );
  });

  it('hands its colours on to the next', () => {
    const first = parseLine(`${ESC}[31mred`);
    assert.deepEqual(parseLine('still', first.after).spans[0]?.classes, 'fg-1');
    assert.deepEqual(parseLine(`${ESC}[0mx`, first.after).after, PLAIN);
  });

  it('knows when it was written, and is cut where nobody reads on', () => {
    assert.equal(parseLine(`${STAMP} x`).at, Date.parse('2026-01-02T03:04:05.678Z'));
    assert.equal(parseLine('x').at, null);
    const long = parseLine('x'.repeat(MAX_SHOWN + 5));
    assert.deepEqual([long.spans[0]?.text.length, long.text.length], [MAX_SHOWN, MAX_SHOWN + 5]);
  });
});

it('a true colour becomes the one that is nearest', () => {
  for (let colour = 16; colour < 256; colour++) {
    const [r, g, b] = rgbOf(colour);
    assert.deepEqual(rgbOf(nearest(r, g, b)), [r, g, b]);
  }
});

describe('a log that comes piece by piece', () => {
  const log = fc.array(
    fc.constantFrom('text', '\n', `\n${STAMP} `, `\n${STAMP}+`, `\n${STAMP.slice(0, 19)}`, '2026', 'ü', '\r'),
    { maxLength: 30 },
  );

  it('has the same lines however it is cut, those of its bytes', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(300), { maxLength: 10 }), (parts, cuts) => {
        const text = parts.join('');
        const splitter = new LineSplitter();
        const lines: string[] = [];
        let from = 0;
        for (const to of [...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length]) {
          lines.push(...splitter.push(text.slice(from, to)));
          from = to;
        }
        const all = [...lines, ...splitter.rest.split(/\n(?!2026-01-02T03:04:05.678901Z 00O\+)/)].filter(
          (line, at, { length }) => at < length - 1 || line !== '',
        );
        const whole = splitBytes(Buffer.from(text), 7);
        assert.deepEqual(
          whole.map(({ raw }) => raw),
          all,
        );
        for (const { raw, offset } of whole) assert.ok(text.slice(0).includes(raw) && offset >= 7);
      }),
    );
  });
});
