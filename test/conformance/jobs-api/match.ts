import assert from 'node:assert/strict';

/** What cases write where a value differs from run to run. */
const PLACEHOLDERS: Record<string, (value: unknown) => boolean> = {
  '<any>': () => true,
  '<id>': (value) => Number.isSafeInteger(value) && (value as number) > 0,
  '<time>': (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  '<date>': (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)$/.test(value),
  '<seconds>': (value) => typeof value === 'number' && value >= 0,
  '<integer>': (value) => Number.isSafeInteger(value),
  '<sha>': (value) => typeof value === 'string' && /^[0-9a-f]{40}$/.test(value),
  '<text>': (value) => typeof value === 'string',
};

/** Asserts that a value is as a case says; objects have exactly these keys in this order when `whole`. */
export function compare(actual: unknown, expected: unknown, where: string, whole: boolean): void {
  if (typeof expected === 'string' && expected in PLACEHOLDERS) {
    assert.ok(PLACEHOLDERS[expected]!(actual), `${where}: ${JSON.stringify(actual)} is no ${expected}`);
  } else if (typeof expected === 'string' && /^\/.+\/$/s.test(expected)) {
    assert.match(String(actual), new RegExp(expected.slice(1, -1), 's'), where);
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${where}: ${JSON.stringify(actual)} is no list`);
    assert.equal(actual.length, expected.length, `${where}: ${JSON.stringify(actual)}`);
    for (const [index, item] of expected.entries()) {
      compare(actual[index], item, `${where}[${index}]`, whole);
    }
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${where}: ${JSON.stringify(actual)}`);
    if (whole) assert.deepEqual(Object.keys(actual), Object.keys(expected), `keys of ${where}`);
    for (const [key, item] of Object.entries(expected)) {
      compare((actual as Record<string, unknown>)[key], item, `${where}.${key}`, whole);
    }
  } else {
    assert.deepEqual(actual, expected, where);
  }
}

/** Puts values in the place of `$name`; a text that is nothing else becomes the value itself. */
export function fill<T>(value: T, names: Readonly<Record<string, string | number>>): T {
  return filled(value, names) as T;
}

function filled(value: unknown, names: Readonly<Record<string, string | number>>): unknown {
  if (typeof value === 'string') {
    const whole = /^\$(\w+)$/.exec(value);
    if (whole !== null && Object.hasOwn(names, whole[1]!)) return names[whole[1]!];
    return value.replace(/\$(\w+)/g, (text, name: string) =>
      Object.hasOwn(names, name) ? String(names[name]) : text,
    );
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, names)]));
}
