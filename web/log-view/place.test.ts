import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Heights } from './heights.ts';
import { clickedLines, hashOfLines, linesOfHash } from './line-link.ts';
import { initiallyShut, placeSections, Rows, type Section } from './sections.ts';
import { afterScroll, drift, elementHeight, MAX_HEIGHT, scrolledTo } from './stretch.ts';

function section(name: string, first: number, last: number | null, more: Partial<Section> = {}): Section {
  return {
    name,
    header: name,
    first_line: first,
    last_line: last,
    started_at: 0,
    finished_at: last === null ? null : 1,
    collapsed: false,
    hide_duration: false,
    ...more,
  };
}

describe('sections', () => {
  it('stand inside each other', () => {
    const placed = placeSections(
      [
        section('a', 1, 9),
        section('b', 2, 4),
        section('c', 3, 12),
        section('d', 5, 6),
        section('e', 10, null),
      ],
      20,
    );
    assert.deepEqual(
      placed.map(({ name, depth, last, parent }) => [name, depth, last, parent?.name ?? null]),
      [
        ['a', 0, 9, null],
        ['b', 1, 4, 'a'],
        ['c', 2, 4, 'b'],
        ['d', 1, 6, 'a'],
        ['e', 0, 19, null],
      ],
    );
  });

  const LOG = [
    section('prepare_executor', 0, 2),
    section('get_sources', 3, 9),
    section('step_script', 10, 90),
    section('install', 11, 30),
    section('test', 31, null),
    section('quiet', 40, 50, { collapsed: true }),
    section('cleanup_file_variables', 91, 95),
  ];
  const shutOf = (job: { over: boolean; failed: boolean }, log = LOG) => {
    const placed = placeSections(log, 100);
    const shut = initiallyShut(placed, job);
    return placed.filter(({ first_line }) => shut.has(first_line)).map(({ name }) => name);
  };

  it('are open while the job runs, but for those whose script shuts them', () => {
    assert.deepEqual(shutOf({ over: false, failed: false }), ['quiet']);
  });

  it('that passed are shut, the failing one is open with all around it', () => {
    const passed = ['prepare_executor', 'get_sources', 'install', 'quiet', 'cleanup_file_variables'];
    assert.deepEqual(shutOf({ over: true, failed: true }), passed);
    assert.deepEqual(shutOf({ over: true, failed: false }), passed);
  });

  it('the last one in a script that failed is the failing one, though its end was printed', () => {
    const log = LOG.map((one) => (one.name === 'test' ? { ...one, last_line: 88 } : one)).filter(
      (one) => one.name !== 'quiet',
    );
    assert.deepEqual(shutOf({ over: true, failed: true }, log), [
      'prepare_executor',
      'get_sources',
      'install',
      'cleanup_file_variables',
    ]);
  });

  it('behind which the script went on are not the failing one', () => {
    const log = LOG.map((one) => (one.name === 'test' ? { ...one, last_line: 60 } : one));
    assert.ok(shutOf({ over: true, failed: true }, log).includes('test'));
  });

  it('of what failed before the script leave that open', () => {
    assert.deepEqual(shutOf({ over: true, failed: true }, LOG.slice(0, 2)), ['prepare_executor']);
  });

  it('hide lines, and rows and lines find each other', () => {
    const sections = fc.array(fc.tuple(fc.nat(60), fc.nat(30)), { maxLength: 12 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 80 }),
        sections,
        fc.array(fc.boolean()),
        (lines, given, choice) => {
          const placed = placeSections(
            given
              .filter(([first]) => first < lines)
              .sort(([a], [b]) => a - b)
              .map(([first, length], n) => section(`${n}`, first, Math.min(first + length, lines - 1))),
            lines,
          );
          const shut = new Set(placed.filter((_, n) => choice[n]).map(({ first_line }) => first_line));
          const hidden = (line: number) =>
            placed.some((one) => shut.has(one.first_line) && line > one.first_line && line <= one.last);
          const shown = Array.from({ length: lines }, (_, line) => line).filter((line) => !hidden(line));
          const rows = new Rows(lines, placed, shut);
          assert.equal(rows.count, shown.length);
          assert.deepEqual(
            shown.map((_, row) => rows.lineOf(row)),
            shown,
          );
          for (let line = 0; line < lines; line++) {
            assert.equal(rows.isHidden(line), hidden(line));
            assert.equal(
              rows.rowOf(line),
              shown.findLastIndex((one) => one <= line),
            );
          }
        },
      ),
    );
  });
});

describe('heights', () => {
  it('are found by row and by pixel', () => {
    const measured = fc.array(fc.tuple(fc.nat(49), fc.integer({ min: 20, max: 200 })), { maxLength: 30 });
    fc.assert(
      fc.property(measured, fc.integer({ min: 1, max: 50 }), (measures, first) => {
        let heights = new Heights(first, 20);
        const all = Array<number>(50).fill(20);
        for (const [row, height] of measures.filter(([row]) => row < first)) {
          assert.equal(heights.measure(row, height), height - all[row]!);
          all[row] = height;
        }
        heights = heights.grownTo(50);
        for (const [row, height] of measures) {
          heights.measure(row, height);
          all[row] = height;
        }
        let top = 0;
        for (let row = 0; row < 50; row++) {
          assert.equal(heights.top(row), top);
          assert.equal(heights.rowAt(top), row);
          assert.equal(heights.rowAt(top + all[row]! - 1), row);
          top += all[row]!;
        }
        assert.equal(heights.total, top);
        assert.equal(heights.rowAt(top + 100), 49);
      }),
    );
  });
});

describe('a log taller than an element can be', () => {
  const sizes = { total: 100_000_000, view: 800 };

  it('is scrolled in an element that browsers can make', () => {
    assert.equal(elementHeight(sizes), MAX_HEIGHT);
    assert.equal(elementHeight({ total: 5000 }), 5000);
  });

  it('moves with small scrolls pixel by pixel, and with large ones in proportion', () => {
    const start = scrolledTo(50_000_000, sizes);
    const small = afterScroll(start.element + 100, start, sizes);
    assert.equal(small.position, start.position + 100);
    assert.ok(drift(small, sizes) > 50);
    const large = afterScroll(MAX_HEIGHT / 4, start, sizes);
    assert.ok(Math.abs(large.position - sizes.total / 4) < 10_000);
  });

  it('reaches both its ends, and every position', () => {
    assert.deepEqual(scrolledTo(0, sizes), { element: 0, position: 0 });
    assert.deepEqual(scrolledTo(Number.POSITIVE_INFINITY, sizes), {
      element: MAX_HEIGHT - 800,
      position: sizes.total - 800,
    });
    assert.equal(afterScroll(0, scrolledTo(300, sizes), sizes).position, 0);
    assert.equal(
      afterScroll(MAX_HEIGHT - 800, scrolledTo(99_000_000, sizes), sizes).position,
      sizes.total - 800,
    );
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (part) => {
        const wanted = part * (sizes.total - 800);
        const { element, position } = scrolledTo(wanted, sizes);
        assert.equal(position, wanted);
        assert.ok(element >= 0 && element <= MAX_HEIGHT - 800);
        assert.ok(drift({ element, position }, sizes) < 1);
      }),
    );
  });

  it('a short one is scrolled as it is', () => {
    const short = { total: 5000, view: 800 };
    assert.deepEqual(afterScroll(4200, scrolledTo(0, short), short), { element: 4200, position: 4200 });
    assert.deepEqual(scrolledTo(300, { total: 500, view: 800 }), { element: 0, position: 0 });
  });
});

describe('links to lines', () => {
  it('are read and written', () => {
    const table: [string, { first: number; last: number } | null][] = [
      ['#L10', { first: 9, last: 9 }],
      ['#L10-L20', { first: 9, last: 19 }],
      ['#L20-10', { first: 9, last: 19 }],
      ['#L0', null],
      ['#Lx', null],
      ['', null],
    ];
    for (const [hash, lines] of table) assert.deepEqual(linesOfHash(hash), lines, hash);
    assert.equal(hashOfLines({ first: 9, last: 9 }), '#L10');
    assert.equal(hashOfLines({ first: 9, last: 19 }), '#L10-L20');
  });

  it('grow with the shift key', () => {
    assert.deepEqual(clickedLines(5, null, true), { first: 5, last: 5 });
    assert.deepEqual(clickedLines(9, { first: 5, last: 5 }, true), { first: 5, last: 9 });
    assert.deepEqual(clickedLines(2, { first: 5, last: 9 }, true), { first: 2, last: 9 });
    assert.deepEqual(clickedLines(7, { first: 5, last: 9 }, true), { first: 5, last: 7 });
    assert.deepEqual(clickedLines(7, { first: 5, last: 9 }, false), { first: 7, last: 7 });
  });
});
