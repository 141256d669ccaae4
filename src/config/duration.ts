const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const UNITS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, 's sec secs second seconds'],
      [MINUTE, 'm min mins minute minutes'],
      [HOUR, 'h hr hrs hour hours'],
      [DAY, 'd dy day days'],
      [7 * DAY, 'w wk wks week weeks'],
      [30 * DAY, 'mo mos month months'],
      [31_557_600, 'y yr yrs year years'],
    ] as const
  ).flatMap(([seconds, names]) => names.split(' ').map((name) => [name, seconds] as const)),
);

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map([
  ...words(
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
      'sixteen seventeen eighteen nineteen',
    (place) => place,
  ),
  ...words('twenty thirty forty fifty sixty seventy eighty ninety', (place) => 20 + place * 10),
]);
const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1000],
]);
const IGNORED = new Set([',', 'and', 'with', 'plus']);
/** 7000 years: what ends after the year 9999 has no date that clients read. */
const LONGEST = 7000 * 31_557_600;

function words(names: string, value: (place: number) => number): [string, number][] {
  return names.split(' ').map((name, place) => [name, value(place)]);
}

/**
 * Seconds, maybe fractional, of a text such as `1h 30m`, `2 weeks and 3 days`, `one week`, `90` or `1:30:00`;
 * null when it is not a duration, one of nothing, or one of more than 7000 years (ci-yaml 12.2).
 */
export function parseDuration(source: string): number | null {
  const seconds = clockTime(source) ?? sumOfPairs(source.toLowerCase());
  return seconds === null || seconds === 0 || seconds > LONGEST ? null : seconds;
}

/** The same for how long files are kept, which may be for ever: `never`, or 0 (runner-api 5). */
export function parseLifetime(source: string): number | null {
  return source === 'never' || /^\s*0+\s*$/.test(source) ? Number.POSITIVE_INFINITY : parseDuration(source);
}

const CLOCK = /^\s*\d+(?:\.\d+)?(?:\s*:\s*\d+(?:\.\d+)?){1,3}\s*$/;

function clockTime(source: string): number | null {
  if (!CLOCK.test(source)) return null;
  const weights = [1, MINUTE, HOUR, DAY];
  return source
    .split(':')
    .toReversed()
    .reduce((sum, part, place) => sum + Number(part) * (weights[place] ?? 0), 0);
}

const TOKEN = /\d+(?:\.\d+)?|\.\d+|[a-z]+|,|(\s+)|./gsu;

/** Adds up the pairs of number and unit, in any order; a unit alone is one, a number alone is seconds. */
function sumOfPairs(source: string): number | null {
  let sum = 0;
  let number: number | null = null;
  let found = false;
  for (const [token, space] of source.matchAll(TOKEN)) {
    if (space !== undefined || IGNORED.has(token) || (token === '-' && number !== null)) continue;
    found = true;
    const unit = UNITS.get(token);
    const value = numberOf(token);
    if (unit !== undefined) {
      sum += (number ?? 1) * unit;
      number = null;
    } else if (MULTIPLIERS.has(token)) {
      number = (number ?? 1) * (MULTIPLIERS.get(token) ?? 1);
    } else if (value === null) {
      return null;
    } else if (NUMBER_WORDS.has(token)) {
      number = (number ?? 0) + value;
    } else {
      sum += number ?? 0;
      number = value;
    }
  }
  return found ? sum + (number ?? 0) : null;
}

function numberOf(token: string): number | null {
  return NUMBER_WORDS.get(token) ?? (/^[\d.]/.test(token) && token !== '.' ? Number(token) : null);
}
