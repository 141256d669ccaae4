import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronWords } from './cron-words.ts';

const SAYS: Record<string, string | null> = {
  '* * * * *': 'Every minute, every day',
  '*/15 * * * *': 'Every 15 minutes, every day',
  '0 * * * *': 'At :00 of every hour, every day',
  '0 */6 * * *': 'At :00 of every 6th hour, every day',
  '0 4 * * *': 'At 04:00, every day',
  '30 4,16 * * *': 'At 04:30 and 16:30, every day',
  '0 4 * * 1-5': 'At 04:00, on Monday to Friday',
  '0 4 * * mon,wed': 'At 04:00, on Monday and Wednesday',
  '0 4 * * 0': 'At 04:00, on Sunday',
  '0 4 * * 7': 'At 04:00, on Sunday',
  '0 0 1,15 * *': 'At 00:00, on the 1st and 15th',
  '0 0 13 * 5': 'At 00:00, on the 13th and on Friday',
  '0 0 1 1 *': 'At 00:00, on the 1st, in January',
  '0 0 * 6-8 *': 'At 00:00, every day, in June to August',
  '*/10 9-17 * * 1-5': 'Every 10 minutes, from 09:00 to 17:59, on Monday to Friday',
  '@daily': 'At 00:00, every day',
  '0 0 */2 * *': 'At 00:00, every 2nd day of the month',
  '61 * * * *': null,
  '0 4 * *': null,
  'at night': null,
  '0 4 * * someday': null,
  '<img src=x> * * * *': null,
  '': null,
};

describe('a cron line in words', () => {
  for (const [line, words] of Object.entries(SAYS)) {
    it(`${line}: ${words ?? 'none'}`, () => assert.equal(cronWords(line), words));
  }
});
