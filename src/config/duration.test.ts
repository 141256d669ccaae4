import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';

const DAY = 86_400;
const DURATIONS: [text: string, seconds: number | null][] = [
  ['90', 90],
  ['1h', 3600],
  ['1h 30m', 5400],
  ['1h30m', 5400],
  ['30m 1h', 5400],
  ['10 mins', 600],
  ['3 hrs 15 min', 11_700],
  ['2 weeks and 3 days', 17 * DAY],
  ['1 day, 2 hours with 3 minutes plus 4 seconds', DAY + 7384],
  ['1 month', 30 * DAY],
  ['2 mos', 60 * DAY],
  ['1 yr', 31_557_600],
  ['1.5 hours', 5400],
  ['.5 min', 30],
  ['0.5 sec', 0.5],
  ['one week', 7 * DAY],
  ['twenty-five minutes', 1500],
  ['two hundred seconds', 200],
  ['day', DAY],
  ['WEEK', 7 * DAY],
  ['1:30:00', 5400],
  ['1:30', 90],
  ['1:00:00:00', DAY],
  ['  5 minutes  ', 300],
  ['2 min 30', 150],
  ['', null],
  [' ', null],
  ['and', null],
  ['0', null],
  ['0 days', null],
  ['never', null],
  ['soon', null],
  ['10 parsecs', null],
  ['-5 minutes', null],
  ['1:', null],
  ['5 €', null],
  ['toString', null],
  ['7000 years', 220_903_200_000],
  ['7000 years 1 sec', null],
  ['9'.repeat(400), null],
];

for (const [text, seconds] of DURATIONS) {
  test(`the duration ${JSON.stringify(text.slice(0, 50))} is ${seconds ?? 'none'}`, () => {
    assert.equal(parseDuration(text), seconds);
  });
}
