const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const NAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** One field: everything, every so often, or these. */
type Field =
  | { kind: 'all' }
  | { kind: 'every'; step: number }
  | { kind: 'these'; values: number[]; range: boolean };

/** What a cron line says, in words; null when it cannot be read as one. */
export function cronWords(line: string): string | null {
  const text = line.trim().toLowerCase();
  const parts = (NAMES[text] ?? text).split(/\s+/);
  if (parts.length !== 5) return null;
  const [minute, hour, date, month, day] = [
    fieldOf(parts[0]!, 0, 59),
    fieldOf(parts[1]!, 0, 23),
    fieldOf(parts[2]!, 1, 31),
    fieldOf(parts[3]!, 1, 12, MONTHS),
    fieldOf(parts[4]!, 0, 7, DAYS),
  ];
  if (minute === null || hour === null || date === null || month === null || day === null) return null;
  const when = [
    timeWords(minute, hour),
    dayWords(date, day),
    month.kind === 'all' ? '' : `in ${named(month, MONTHS, 1)}`,
  ];
  const words = when.filter((word) => word !== '').join(', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function fieldOf(text: string, low: number, high: number, names: readonly string[] = []): Field | null {
  if (text === '*' || text === '?') return { kind: 'all' };
  const every = /^\*\/(\d+)$/.exec(text);
  if (every !== null) {
    const step = Number(every[1]);
    return step < 1 || step > high ? null : step === 1 ? { kind: 'all' } : { kind: 'every', step };
  }
  const values: number[] = [];
  for (const part of text.split(',')) {
    const [, from, to, step] = /^(\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const first = from === undefined ? Number.NaN : numberOf(from, low, names);
    const last = to === undefined ? (step === undefined ? first : high) : numberOf(to, low, names);
    if (!(first >= low && last <= high && first <= last)) return null;
    for (let value = first; value <= last; value += Math.max(1, Number(step ?? 1))) values.push(value);
  }
  return { kind: 'these', values, range: /^\w+-\w+$/.test(text) && values.length > 2 };
}

/** A number, or the first three letters of a name. */
function numberOf(text: string, low: number, names: readonly string[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  const at = names.findIndex((name) => name.slice(0, 3).toLowerCase() === text);
  return at === -1 ? Number.NaN : at + low;
}

function timeWords(minute: Field, hour: Field): string {
  if (minute.kind === 'these' && hour.kind === 'these' && minute.values.length * hour.values.length <= 6) {
    const times = hour.values.flatMap((h) => minute.values.map((m) => `${two(h)}:${two(m)}`));
    return `at ${list(times)}`;
  }
  const within = hoursWords(hour);
  if (minute.kind === 'all') return `every minute${within}`;
  if (minute.kind === 'every') return `every ${minute.step} minutes${within}`;
  const at = `at ${list(minute.values.map((value) => `:${two(value)}`))}`;
  if (hour.kind === 'all') return `${at} of every hour`;
  return hour.kind === 'every' ? `${at} of every ${ordinal(hour.step)} hour` : `${at}${within}`;
}

function hoursWords(hour: Field): string {
  if (hour.kind === 'all') return '';
  if (hour.kind === 'every') return `, every ${ordinal(hour.step)} hour`;
  if (hour.range) return `, from ${two(hour.values[0]!)}:00 to ${two(hour.values.at(-1)!)}:59`;
  return `, in the hours ${list(hour.values.map(two))}`;
}

/** A day of the month and a day of the week are either of them, as cron has it. */
function dayWords(date: Field, day: Field): string {
  const dates =
    date.kind === 'all'
      ? ''
      : date.kind === 'every'
        ? `every ${ordinal(date.step)} day of the month`
        : `on the ${list(date.values.map(ordinal))}`;
  const days =
    day.kind === 'all'
      ? ''
      : day.kind === 'every'
        ? `every ${ordinal(day.step)} day of the week`
        : `on ${named(day, DAYS, 0)}`;
  return [dates, days].filter((word) => word !== '').join(' and ') || 'every day';
}

function named(field: Field, names: readonly string[], low: number): string {
  if (field.kind !== 'these') return field.kind === 'every' ? `every ${ordinal(field.step)} month` : '';
  const name = (value: number) => names[(value - low) % names.length]!;
  if (field.range) return `${name(field.values[0]!)} to ${name(field.values.at(-1)!)}`;
  return list(field.values.map(name));
}

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function ordinal(value: number): string {
  const ending =
    value % 100 >= 11 && value % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return `${value}${ending}`;
}
