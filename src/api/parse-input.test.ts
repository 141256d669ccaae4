import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fieldsOfForm, fieldsOfJson } from './body.ts';
import type { InputRule, Parameter } from './input.ts';
import { PAGE_INPUT } from './pagination.ts';
import { parseInput } from './parse-input.ts';

/** What one parameter named `x` becomes, or the error. */
function parse(parameter: Parameter, given: string): unknown {
  const fields = given.startsWith('{') ? fieldsOfJson(given) : fieldsOfForm(given);
  const parsed = parseInput({ x: parameter }, [], fields);
  return parsed.ok ? parsed.params.x : parsed.errors.join(', ');
}

const text: Parameter = { type: 'string' };
const integer: Parameter = { type: 'integer' };
const boolean: Parameter = { type: 'boolean' };
const time: Parameter = { type: 'time' };
const date: Parameter = { type: 'date' };
const list: Parameter = { type: 'string-list', values: ['a', 'b'] };
const scope: Parameter = { type: 'string-list', scalar: true, hash: true, values: ['a', 'b'] };
const comma: Parameter = { type: 'comma-list' };

/** Parameter, what was sent (form or JSON), what the handler gets or the client reads (rest-resources 0.2, 0.4). */
const CASES: [Parameter, given: string, result: unknown][] = [
  [text, 'x=a', 'a'],
  [text, 'x=', ''],
  [text, '{"x":5}', '5'],
  [text, '{"x":true}', 'true'],
  [text, '{"x":null}', undefined],
  [text, 'x[]=a', 'x is invalid'],
  [text, 'x[a]=a', 'x is invalid'],
  [text, '{"x":["a"]}', 'x is invalid'],
  [text, '{"x":{"$ne":null}}', 'x is invalid'],
  [{ ...text, required: true }, '', 'x is missing'],
  [{ ...text, required: true }, 'x=', ''],
  [{ ...text, required: true, notBlank: true }, 'x=+', 'x is empty'],
  [{ ...text, required: true, notBlank: true }, '{"x":null}', 'x is empty'],
  [{ ...text, required: true, notBlank: true }, '', 'x is missing'],
  [{ ...boolean, required: true, notBlank: true }, 'x=', 'x is empty'],
  [{ ...boolean, required: true }, 'x=', 'x is missing'],
  [{ type: 'string', values: ['a'] }, 'x=b', 'x does not have a valid value'],
  [{ type: 'string', values: ['a'], default: 'a' }, '', 'a'],
  [{ type: 'string', pattern: /^a$/ }, 'x=b', 'x is invalid'],
  [{ type: 'string', maxLength: 2 }, 'x=%F0%9F%8D%B5%F0%9F%8D%B5', '🍵🍵'],
  [{ type: 'string', maxLength: 2 }, 'x=abc', 'x is expected to have length less than or equal to 2'],
  [{ type: 'string', nullable: true }, '{"x":null}', null],
  [{ type: 'date', nullable: true }, 'x=', null],
  [integer, 'x=12', 12],
  [integer, 'x=-3', -3],
  [integer, '{"x":12}', 12],
  [integer, 'x=', undefined],
  [integer, 'x=1.5', 'x is invalid'],
  [integer, '{"x":1.5}', 'x is invalid'],
  [integer, 'x=0x10', 'x is invalid'],
  [integer, 'x=1e3', 'x is invalid'],
  [integer, 'x=9007199254740993', 'x is invalid'],
  [integer, `x=${'9'.repeat(30)}`, 'x is invalid'],
  [integer, '{"x":[1]}', 'x is invalid'],
  [integer, '{"x":true}', 'x is invalid'],
  [{ type: 'integer', min: 1 }, 'x=0', 'x does not have a valid value'],
  [{ type: 'integer', excluded: [0] }, 'x=0', 'x has a value not allowed'],
  [{ type: 'integer', values: [1, 2] }, 'x=3', 'x does not have a valid value'],
  [{ type: 'integer', default: 7 }, 'x=', 7],
  [boolean, 'x=True', true],
  [boolean, 'x=t', true],
  [boolean, 'x=1', true],
  [boolean, '{"x":1}', true],
  [boolean, 'x=FALSE', false],
  [boolean, 'x=F', false],
  [boolean, 'x=0', false],
  [boolean, 'x=', undefined],
  [boolean, 'x=yes', 'x is invalid'],
  [boolean, '{"x":2}', 'x is invalid'],
  [time, 'x=2024-01-02T03:04:05Z', Date.UTC(2024, 0, 2, 3, 4, 5)],
  [time, 'x=2024-01-02T03:04:05.678%2B01:00', Date.UTC(2024, 0, 2, 2, 4, 5, 678)],
  [time, 'x=2024-01-02T03:04:05+01:00', Date.UTC(2024, 0, 2, 2, 4, 5)],
  [time, 'x=2024-01-02', Date.UTC(2024, 0, 2)],
  [time, 'x=2024-01-02T03:04:05', Date.UTC(2024, 0, 2, 3, 4, 5)],
  [time, 'x=yesterday', 'x is invalid'],
  [time, '{"x":5}', 'x is invalid'],
  [date, 'x=2024-02-29', '2024-02-29'],
  [date, 'x=2023-02-29', 'x is invalid'],
  [date, 'x=2024-1-2', 'x is invalid'],
  [list, 'x[]=a&x[]=b', ['a', 'b']],
  [list, 'x%5B%5D=a', ['a']],
  [list, '{"x":["a"]}', ['a']],
  [list, '{"x":[]}', []],
  [list, 'x=a', 'x is invalid'],
  [list, 'x[]=a&x[]=c', 'x does not have a valid value'],
  [list, '{"x":[["a"]]}', 'x is invalid'],
  [scope, 'x=a', ['a']],
  [scope, 'x=', 'x does not have a valid value'],
  [scope, 'x=a,b', 'x does not have a valid value'],
  [scope, 'x[0]=a&x[1]=b', ['a', 'b']],
  [{ type: 'string-list', scalar: true }, 'x[0]=a', 'x is invalid'],
  [comma, 'x=a,+b', ['a', 'b']],
  [comma, 'x[]=a,b&x[]=c', ['a', 'b', 'c']],
  [comma, '{"x":["a","b"]}', ['a', 'b']],
  [comma, 'x=', []],
  [comma, 'x[a]=b', 'x is invalid'],
  [{ type: 'hash' }, 'x[a]=1', { a: '1' }],
  [{ type: 'hash' }, 'x=1', 'x is invalid'],
  [{ type: 'object', of: { a: text } }, 'x[a]=1&x[b]=2', { a: '1' }],
  [{ type: 'object', of: { a: text } }, 'x=1', 'x is invalid'],
  [{ type: 'any' }, '{"x":[1,{"a":null}]}', [1, { a: null }]],
  [
    { type: 'object-list', of: { key: { type: 'string', required: true }, value: text } },
    'x[][key]=A&x[][value]=1&x[][key]=B',
    [{ key: 'A', value: '1' }, { key: 'B' }],
  ],
  [
    {
      type: 'object-list',
      of: { key: { type: 'string', required: true }, value: { type: 'string', required: true } },
    },
    '{"x":[{"value":"1"},{"key":"B"}]}',
    'x[0][key] is missing, x[1][value] is missing',
  ],
  [{ type: 'object-list', of: { key: text } }, '{"x":{"key":"A"}}', 'x is invalid'],
  [{ type: 'object-list', of: { key: text } }, '{"x":["A"]}', 'x is invalid'],
];

describe('a parameter', () => {
  for (const [parameter, given, result] of CASES) {
    it(`${JSON.stringify(parameter)} given ${given || 'nothing'} is ${JSON.stringify(result)}`, () => {
      assert.equal(JSON.stringify(parse(parameter, given)), JSON.stringify(result));
    });
  }

  it('of a page is refused as GitLab does', () => {
    const errors = (given: string) => {
      const parsed = parseInput(PAGE_INPUT, [], fieldsOfForm(given));
      return parsed.ok ? parsed.params : parsed.errors;
    };
    assert.deepEqual({ ...errors('') }, { page: 1, per_page: 20 });
    assert.deepEqual(errors('page=abc'), ['page is invalid']);
    assert.deepEqual(errors('page=0'), ['page does not have a valid value']);
    assert.deepEqual(errors('per_page=0'), ['per_page has a value not allowed']);
    assert.deepEqual(errors('per_page=-1&page=x'), [
      'page is invalid',
      'per_page does not have a valid value',
    ]);
  });
});

const RULES: [InputRule, given: string, errors: string[]][] = [
  [
    { atLeastOneOf: ['a', 'b', 'c'] },
    'x=1',
    ['a, b, c are missing, at least one parameter must be provided'],
  ],
  [{ atLeastOneOf: ['a', 'b'] }, 'b=1', []],
  [{ exclusive: ['a', 'b'] }, 'a=1&b=1', ['a, b are mutually exclusive']],
  [{ exclusive: ['a', 'b'], text: 'cannot be used together' }, 'a=1&b=1', ['a, b cannot be used together']],
  [{ exclusive: ['a', 'b'] }, 'a=1', []],
  [{ allOrNone: ['a', 'b'] }, 'a=1', ['a, b provide all or none of parameters']],
  [{ allOrNone: ['a', 'b'] }, '', []],
];

describe('a rule over parameters', () => {
  for (const [rule, given, errors] of RULES) {
    it(`${JSON.stringify(rule)} given ${given || 'nothing'}`, () => {
      const parsed = parseInput({}, [rule], fieldsOfForm(given));
      assert.deepEqual(parsed.ok ? [] : parsed.errors, errors);
    });
  }
});

describe('what reaches a handler', () => {
  it('is declared parameters only, and nothing of JavaScript’s own', () => {
    const given = fieldsOfJson('{"__proto__":{"admin":true},"constructor":1,"x":"a","y":"b"}');
    const parsed = parseInput({ x: text, toString: text } as never, [], given);
    assert.equal(parsed.ok, true);
    assert.deepEqual(Object.keys((parsed as { params: object }).params), ['x']);
    assert.equal(({} as { admin?: boolean }).admin, undefined);
  });

  it('is a value or an error for any JSON', () => {
    const shapes = CASES.map(([parameter]) => parameter);
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...shapes), (value, parameter) => {
        const parsed = parseInput({ x: parameter }, [], { x: value });
        assert.ok(parsed.ok || parsed.errors.every((error) => error.startsWith('x')));
      }),
    );
  });
});
