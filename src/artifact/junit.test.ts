import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { parseJunit } from './junit.ts';

const casesOf = async (text: string) => {
  const result = await parseJunit(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.cases;
};

it('finds cases however deep their suites are', async () => {
  const cases = await casesOf(
    '<testsuites><testsuite><testsuite><testcase name="a"/></testsuite><testcase name="b"/></testsuite></testsuites>',
  );
  assert.deepEqual(
    cases.map(({ name }) => name),
    ['a', 'b'],
  );
});

it('tells what a failure said: its text, else its attributes', async () => {
  const cases = await casesOf(
    '<testsuite><testcase name="a"><failure message="m">text</failure></testcase>' +
      '<testcase name="b"><failure message="m"/></testcase><testcase name="c"><failure/></testcase></testsuite>',
  );
  assert.deepEqual(
    cases.map(({ status, systemOutput }) => [status, systemOutput]),
    [
      ['failed', 'text'],
      ['failed', { message: 'm' }],
      ['failed', null],
    ],
  );
});

it('decodes what XML itself knows and characters by number', async () => {
  const [one] = await casesOf('<t><testcase name="&lt;&#65;&#x42;&amp;&quot;&apos;&gt;"/></t>');
  assert.equal(one?.name, '<AB&"\'>');
});

for (const [what, text, error] of [
  ['an empty document', '', '1:1: FATAL: Document is empty'],
  ['blank space', ' \n ', '1:1: FATAL: Document is empty'],
  ['a document type', '<!DOCTYPE x><x/>', '1:1: FATAL: Document types are not accepted'],
  ['an entity of its own', '<x>&lol;</x>', "1:4: FATAL: Entity '&lol;' not defined"],
  ['text alone', 'hello', "1:1: FATAL: Start tag expected, '<' not found"],
  ['a crossed element', '<a>\n<b></a>', '2:4: FATAL: Opening and ending tag mismatch: a'],
  ['two roots', '<a/><b/>', '1:5: FATAL: Extra content at the end of the document'],
  ['an open end', '<a><b/>', "1:8: FATAL: EndTag: '</' of a is missing"],
] as const) {
  it(`refuses ${what} with its place`, async () => {
    assert.deepEqual(await parseJunit(text), { ok: false, error: `JUnit XML parsing failed: ${error}` });
  });
}

it('refuses what is nested without end', async () => {
  const result = await parseJunit('<a>'.repeat(100_000));
  assert.ok(!result.ok);
  assert.match(result.error, /Excessive depth/);
});

it('lets others have their turn while it reads a large report', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const cases = await casesOf(`<t>${'<testcase name="x" time="0.1"/>'.repeat(60_000)}</t>`);
  clearInterval(timer);
  assert.equal(cases.length, 60_000);
  assert.ok(turns > 5, `${turns} turns`);
});

it('any text is a result, never an exception', async () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '</',
    '/>',
    'testcase',
    '"',
    '=',
    '&',
    ';',
    '#x',
    ' ',
    '<!--',
    ']]>',
    '<![CDATA[',
    'a',
    '<?',
    '<failure',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), async (parts) => {
      const result = await parseJunit(parts.join(''));
      assert.equal(typeof result.ok, 'boolean');
    }),
    { numRuns: 300 },
  );
});
