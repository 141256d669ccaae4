import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestVersion, readComponentAddress } from './component.ts';

test('an address names host, project, component and version', () => {
  assert.deepEqual(readComponentAddress('ci.test:8929/group/sub/lib/lint-it@v1.0'), {
    host: 'ci.test:8929',
    project: 'group/sub/lib',
    name: 'lint-it',
    version: 'v1.0',
  });
});

for (const address of [
  '',
  'host/lib@1',
  'host/group/lib/name',
  'host/group/lib/name@',
  'host/g/l/na me@1',
  '@1',
]) {
  test(`${JSON.stringify(address)} is no address of a component`, () => {
    assert.equal(readComponentAddress(address), null);
  });
}

const TAGS = [
  '1.0.0',
  '1.2.9',
  '1.2.10',
  '1.10.0',
  '2.0.0-rc1',
  'v2.1.0',
  '10.0.0',
  'nightly',
  '1.2',
  '3.0.0.0',
];
const NEWEST: [string, string | null][] = [
  ['~latest', '10.0.0'],
  ['1', '1.10.0'],
  ['1.2', '1.2.10'],
  ['2', 'v2.1.0'],
  ['1.0', '1.0.0'],
  ['3', null],
  ['1.3', null],
];
for (const [range, tag] of NEWEST) {
  test(`the newest version of ${range} is ${tag}`, () => {
    assert.equal(newestVersion(TAGS, range), tag);
  });
}
